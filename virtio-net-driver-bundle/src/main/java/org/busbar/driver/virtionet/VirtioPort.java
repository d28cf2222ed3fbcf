package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device's one port. */
final class VirtioPort implements NetworkPort {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioPort.class);
    private static final long GROUP = 1L << 40;
    private static final int VLANS = 4096;

    private final PciDeviceContext context;
    private final QueueSetup setup;
    private final PacketSupply supply;
    private final Features features;
    private final NetConfig device;
    private final Gate gate;
    private final Health health;
    private final List<QueuePair> pairs;
    private final @Nullable ControlQueue control;
    private final boolean interrupts;
    private final LinkMonitor monitor;
    private final int mtu;
    private volatile MacAddress mac;
    /** How many pairs the device spreads frames over. Guarded by this. */
    private int enabled = 1;

    VirtioPort(
            PciDeviceContext context,
            VirtioNetConfig config,
            DriverPools pools,
            QueueSetup setup,
            Features features,
            NetConfig device,
            Gate gate,
            Health health,
            List<QueuePair> pairs,
            @Nullable ControlQueue control,
            MacAddress mac,
            boolean interrupts) {
        this.context = context;
        this.setup = setup;
        this.features = features;
        this.device = device;
        this.gate = gate;
        this.health = health;
        this.pairs = List.copyOf(pairs);
        this.control = control;
        this.mac = mac;
        this.interrupts = interrupts;
        mtu = device.mtu();
        supply = new PacketSupply(context, config, pools, features, mtu, this::features);
        monitor = new LinkMonitor(context, device::link, gate, interrupts);
    }

    @Override
    public String name() {
        return context.id().address();
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public LinkState link() {
        requireHere();
        return device.link();
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        requireHere();
        return monitor.add(listener);
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public synchronized PortStatistics statistics() {
        requireHere();
        long receivedFrames = 0;
        long receivedBytes = 0;
        long sentFrames = 0;
        long sentBytes = 0;
        long errors = 0;
        for (QueuePair pair : pairs) {
            receivedFrames += pair.incoming().frames();
            receivedBytes += pair.incoming().bytes();
            sentFrames += pair.outgoing().frames();
            sentBytes += pair.outgoing().bytes();
            errors += pair.errors();
        }
        // What found no buffer the device does not tell.
        return new PortStatistics(receivedFrames, receivedBytes, sentFrames, sentBytes, errors, 0);
    }

    @Override
    public PortQueue openQueue() throws IOException {
        return openQueue(PortQueueOptions.DEFAULT);
    }

    @Override
    public synchronized PortQueue openQueue(PortQueueOptions options) throws IOException {
        if (!gate.pass()) {
            throw new DeviceGoneException(name() + " is being given up");
        }
        if (options.pool() != null) {
            supply.requireSharing();
        }
        for (QueuePair pair : pairs) {
            if (!pair.isOpen()) {
                return open(pair, options);
            }
        }
        throw new IOException(name() + " has " + pairs.size() + " queue pair" + (pairs.size() == 1 ? "" : "s")
                + ", and all are open already; close one first");
    }

    private PortQueue open(QueuePair pair, PortQueueOptions options) throws IOException {
        QueuePair.Equipment left = pair.equipment();
        QueuePackets packets = left == null ? supply.packets(pair, options.pool()) : left.packets();
        boolean opened = false;
        try {
            QueuePair.Equipment equipment = left == null ? pair.equip(packets, setup, features) : left;
            equipment.receiver().start();
            if (pair.index() >= enabled && control != null) {
                control.pairs(pair.index() + 1);
                enabled = pair.index() + 1;
            }
            QueueGuard guard = new QueueGuard(name(), gate, health, packets);
            VirtioQueue queue = new VirtioQueue(this, context, guard, health, pair, equipment, options.waiting());
            pair.open(true);
            opened = true;
            return queue;
        } finally {
            if (!opened) {
                giveUp(pair, packets);
            }
        }
    }

    /** Takes back what was prepared for a queue that could not be opened. */
    private void giveUp(QueuePair pair, QueuePackets packets) {
        try {
            if (stop(pair)) {
                packets.detach();
                packets.leave();
            }
        } catch (DeviceTimeoutException e) {
            health.fail("queue pair " + pair.index() + ": " + e.getMessage());
            packets.leave();
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: gone while a queue was being opened", name(), e);
            packets.leave();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            packets.leave();
        }
    }

    /**
     * Takes the virtqueues of a pair away from the device.
     *
     * @return false if the device does not let go of single ones
     */
    synchronized boolean stop(QueuePair pair) throws DeviceTimeoutException, InterruptedException {
        if (!features.has(Feature.RING_RESET)) {
            return false;
        }
        pair.stop(setup);
        return true;
    }

    /** A queue has been closed: the device spreads frames over those up to the last that is open. */
    synchronized void closed(VirtioQueue queue) {
        queue.pair().open(false);
        int wanted = 1;
        for (QueuePair pair : pairs) {
            wanted = pair.isOpen() ? pair.index() + 1 : wanted;
        }
        if (wanted < enabled && control != null && !gate.isGone()) {
            try {
                control.pairs(wanted);
                enabled = wanted;
            } catch (IOException | DeviceGoneException | IllegalStateException e) {
                // It goes on spreading over more, whose frames are dropped when the pair is opened again.
                LOG.debug("{}: still {} queue pairs", name(), enabled, e);
            }
        }
    }

    @Override
    public int queues() {
        return pairs.size();
    }

    @Override
    public Set<PortFeature> features() {
        EnumSet<PortFeature> has = EnumSet.of(PortFeature.SCATTERED_TRANSMIT);
        has(has, Feature.MRG_RXBUF, PortFeature.SCATTERED_RECEIVE);
        has(has, Feature.CTRL_RX, PortFeature.PROMISCUOUS, PortFeature.ALL_MULTICAST, PortFeature.MULTICAST_FILTER);
        has(has, Feature.RING_RESET, PortFeature.SHARED_POOL);
        has(has, Feature.CTRL_VLAN, PortFeature.VLAN_FILTER);
        has(has, Feature.CTRL_MAC_ADDR, PortFeature.MAC_SET);
        has(has, Feature.CSUM, PortFeature.TRANSMIT_CHECKSUM);
        has(has, Feature.GUEST_CSUM, PortFeature.RECEIVE_CHECKSUM);
        has(has, Feature.HOST_TSO4, PortFeature.SEGMENTATION_IPV4);
        has(has, Feature.HOST_TSO6, PortFeature.SEGMENTATION_IPV6);
        if (interrupts) {
            has(has, Feature.STATUS, PortFeature.LINK_EVENTS);
        }
        return has;
    }

    private void has(Set<PortFeature> set, Feature feature, PortFeature... means) {
        if (features.has(feature)) {
            set.addAll(List.of(means));
        }
    }

    @Override
    public void promiscuous(boolean on) throws IOException {
        control(Feature.CTRL_RX).promiscuous(on);
    }

    @Override
    public void allMulticast(boolean on) throws IOException {
        control(Feature.CTRL_RX).allMulticast(on);
    }

    @Override
    public void multicast(List<MacAddress> groups) throws IOException {
        if (groups.size() > ControlQueue.MAX_GROUPS) {
            throw new IllegalArgumentException("the filter takes " + ControlQueue.MAX_GROUPS + " groups, not "
                    + groups.size() + "; receive all multicast instead");
        }
        for (MacAddress group : groups) {
            if ((group.value() & GROUP) == 0) {
                throw new IllegalArgumentException(group + " is no group address");
            }
        }
        control(Feature.CTRL_RX).groups(groups);
    }

    @Override
    public void vlan(int id, boolean receive) throws IOException {
        if (id < 0 || id >= VLANS) {
            throw new IllegalArgumentException("VLANs are 0 to " + (VLANS - 1) + ", not " + id);
        }
        control(Feature.CTRL_VLAN).vlan(id, receive);
    }

    @Override
    public synchronized void changeMac(MacAddress address) throws IOException {
        if (!isStation(address)) {
            throw new IllegalArgumentException(address + " is no station's address");
        }
        control(Feature.CTRL_MAC_ADDR).mac(address);
        mac = address;
    }

    static boolean isStation(MacAddress address) {
        return address.value() != 0 && (address.value() & GROUP) == 0;
    }

    private ControlQueue control(Feature needed) {
        requireHere();
        if (control == null || !features.has(needed)) {
            throw new UnsupportedOperationException(name() + ": the device has not offered " + needed
                    + (needed == Feature.CTRL_VLAN ? ", or the driver's configuration has vlanFilter off" : ""));
        }
        return control;
    }

    boolean hasInterrupts() {
        return interrupts;
    }

    /** Takes an interrupt: vector 0 is for changes of the configuration, the others are for receive queues. */
    void interrupt(int vector, int vectors) {
        if (gate.isGone()) {
            return;
        }
        if (vector == 0) {
            health.check();
            monitor.lookAgain();
        }
        // With fewer vectors than queues several share one.
        for (QueuePair pair : pairs) {
            if (vectorOf(pair.index(), vectors) == vector) {
                pair.received().raise();
            }
        }
    }

    /** The vector of a receive queue. */
    static int vectorOf(int pair, int vectors) {
        return vectors == 1 ? 0 : 1 + pair % (vectors - 1);
    }

    /** Whether all frames have been sent. */
    boolean settled() {
        return pairs.stream().allMatch(QueuePair::settled);
    }

    /** Has everybody who waits look again. */
    void wake() {
        pairs.forEach(pair -> pair.received().raise());
        monitor.lookAgain();
    }

    private void requireHere() {
        if (gate.isGone()) {
            throw gate.gone();
        }
    }
}
