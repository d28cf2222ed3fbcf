package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Gate;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.LinkMonitor;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.SpreadChoice;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.ReceiveSpread;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The device's one port. */
final class VirtioPort implements NetworkPort {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioPort.class);

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
    private final Choices choices;
    private final Spread spread;
    private final Revival revival;
    private final PortCounters counters;
    /** In the course of a reset the device looks gone. */
    private volatile boolean resetting;

    VirtioPort(
            PciDeviceContext context,
            VirtioNetConfig config,
            DriverPools pools,
            CommonConfig common,
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
        this.interrupts = interrupts;
        choices = new Choices(mac);
        counters = new PortCounters(this.pairs);
        spread = new Spread(features, device, pairs.size(), control);
        revival = new Revival(context, common, setup, features, this.pairs, control, choices, spread, interrupts);
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
        return choices.mac();
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
        return counters.all();
    }

    @Override
    public synchronized PortStatistics statistics(int queue) {
        requireHere();
        return pairs.get(Objects.checkIndex(queue, pairs.size())).statistics();
    }

    @Override
    public synchronized SequencedMap<String, Long> counters() {
        requireHere();
        return counters.byName();
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
            spread.over(running(pair));
            QueueGuard guard = new QueueGuard(name(), gate, health, packets);
            VirtioQueue queue = new VirtioQueue(this, context, guard, health, pair, equipment, options.waiting());
            pair.open(queue);
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
                pair.unequip();
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

    /** Gives the device the virtqueues of a pair that was stopped. */
    synchronized void start(QueuePair pair) throws IOException {
        pair.start(setup);
    }

    /** A queue has stopped or started. */
    synchronized void spreadAnew() throws IOException {
        spread.over(running(null));
    }

    void requireQueueReset() {
        if (!features.has(Feature.RING_RESET)) {
            throw new UnsupportedOperationException(name() + ": the device has not offered " + Feature.RING_RESET
                    + ", without which single queues do not stop, or the driver's configuration has queueReset off");
        }
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException {
        requireHere();
        try {
            resetDevice(deadline);
        } catch (DeviceTimeoutException | IOException e) {
            health.fail("the reset was not carried out: " + e.getMessage());
            throw e;
        }
        wake();
    }

    private synchronized void resetDevice(Deadline deadline)
            throws IOException, DeviceTimeoutException, InterruptedException {
        resetting = true;
        try {
            revival.run(openQueues(), deadline);
        } finally {
            resetting = false;
        }
    }

    private List<VirtioQueue> openQueues() {
        List<VirtioQueue> open = new ArrayList<>();
        for (QueuePair pair : pairs) {
            VirtioQueue queue = pair.open();
            if (queue != null) {
                open.add(queue);
            }
        }
        return open;
    }

    /** A queue has been closed: the device spreads frames over those up to the last that is open. */
    synchronized void closed(VirtioQueue queue) {
        if (features.has(Feature.RING_RESET)) {
            queue.pair().unequip();
        }
        queue.pair().open(null);
        if (!gate.isGone()) {
            try {
                spread.over(running(null));
            } catch (IOException | DeviceGoneException | IllegalStateException e) {
                // It goes on spreading as before: frames for the pair are dropped when it is opened again.
                LOG.debug("{}: spreads as before", name(), e);
            }
        }
    }

    /** The pairs that take frames, and one that is about to. */
    private List<Integer> running(@Nullable QueuePair opening) {
        List<Integer> running = new ArrayList<>();
        for (QueuePair pair : pairs) {
            VirtioQueue queue = pair.open();
            if (pair.equals(opening) || (queue != null && queue.runs())) {
                running.add(pair.index());
            }
        }
        return running;
    }

    @Override
    public synchronized Optional<ReceiveSpread> receiveSpread() {
        return Optional.ofNullable(spread.choice()).map(SpreadChoice::chosen);
    }

    @Override
    public synchronized void changeReceiveSpread(ReceiveSpread wanted) throws IOException {
        requireHere();
        SpreadChoice choice = spread.choice();
        if (choice == null) {
            NetworkPort.super.changeReceiveSpread(wanted);
        } else {
            spread.choose(choice, wanted);
        }
    }

    @Override
    public int queues() {
        return pairs.size();
    }

    @Override
    public Set<PortFeature> features() {
        return PortFeatures.of(features, interrupts);
    }

    @Override
    public synchronized void promiscuous(boolean on) throws IOException {
        choices.promiscuous(control(Feature.CTRL_RX), on);
    }

    @Override
    public synchronized void allMulticast(boolean on) throws IOException {
        choices.allMulticast(control(Feature.CTRL_RX), on);
    }

    @Override
    public synchronized void multicast(List<MacAddress> groups) throws IOException {
        Choices.requireGroups(groups);
        choices.groups(control(Feature.CTRL_RX), groups);
    }

    @Override
    public synchronized void vlan(int id, boolean receive) throws IOException {
        Choices.requireVlan(id);
        choices.vlan(control(Feature.CTRL_VLAN), id, receive);
    }

    @Override
    public synchronized void changeMac(MacAddress address) throws IOException {
        if (!Choices.isStation(address)) {
            throw new IllegalArgumentException(address + " is no station's address");
        }
        choices.mac(control(Feature.CTRL_MAC_ADDR), address);
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
        counters.interrupt();
        if (vector == 0 && !resetting) {
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
