package org.busbar.port.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.FlowControl;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortStatistics;
import org.busbar.net.ReceiveSpread;

/** A driver's port, for as long as one binding. It knows nothing of what an earlier one was told. */
class FakePort implements NetworkPort {

    static final LinkState UP = new LinkState(true, 1000, true);
    private static final int MAX_MTU = 9000;

    private final Set<PortFeature> features;
    private final int count;
    private final FakeQueue[] open;
    private final List<LinkListener> listeners = new CopyOnWriteArrayList<>();
    /** What it was told, and which queues were opened, in that order. */
    final List<String> told = new ArrayList<>();

    private final SequencedMap<String, String> set = new LinkedHashMap<>();
    private final Set<Integer> vlans = new TreeSet<>();
    private MacAddress mac;
    private int mtu = 1500;
    private FlowControl flowControl = FlowControl.NONE;
    private ReceiveSpread spread = new ReceiveSpread(List.of(1), List.of(0), Set.of());
    private LinkState link = UP;
    private volatile boolean gone;
    private boolean refuses;
    volatile long received;
    volatile long sent;

    FakePort(MacAddress mac, int queues, Set<PortFeature> features) {
        this.mac = mac;
        this.features = features;
        count = queues;
        open = new FakeQueue[queues];
    }

    FakePort(MacAddress mac) {
        this(mac, 2, EnumSet.allOf(PortFeature.class));
    }

    // --- for tests

    /** The device goes. */
    void yank() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** From now on settings are refused. */
    void refuse() {
        refuses = true;
    }

    void link(LinkState now) {
        link = now;
        listeners.forEach(listener -> listener.linkChanged(now));
    }

    synchronized FakeQueue queue(int index) {
        return open[index];
    }

    /** Everything that differs from what a port does that was told nothing. */
    SequencedMap<String, String> inForce() {
        return set;
    }

    void present() {
        if (gone) {
            throw new DeviceGoneException("the fake was pulled");
        }
    }

    private void tell(PortFeature needed, String what, String value, boolean usual) throws IOException {
        present();
        if (!features.contains(needed)) {
            throw new UnsupportedOperationException("the fake lacks " + needed);
        }
        if (refuses) {
            throw new IOException("the fake refuses " + what);
        }
        told.add(what);
        if (usual) {
            set.remove(what);
        } else {
            set.put(what, value);
        }
    }

    synchronized void closed(FakeQueue queue) {
        if (open[queue.index()] == queue) {
            open[queue.index()] = null;
        }
    }

    // --- a driver's port

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public LinkState link() {
        present();
        return link;
    }

    @Override
    public AutoCloseable onLinkChange(LinkListener listener) {
        present();
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public int maxMtu() {
        return MAX_MTU;
    }

    @Override
    public PortStatistics statistics() {
        present();
        return new PortStatistics(received, received * 64, sent, sent * 64, 0, 0);
    }

    @Override
    public PortStatistics statistics(int queue) {
        return queue == 0 ? statistics() : new PortStatistics(0, 0, 0, 0, 0, 0);
    }

    @Override
    public SequencedMap<String, Long> counters() {
        present();
        SequencedMap<String, Long> counters = new LinkedHashMap<>();
        counters.put("good_frames", received);
        return counters;
    }

    @Override
    public PortQueue openQueue() throws IOException {
        return openQueue(PortQueueOptions.DEFAULT);
    }

    @Override
    public synchronized PortQueue openQueue(PortQueueOptions options) throws IOException {
        present();
        for (int i = 0; i < count; i++) {
            if (open[i] == null) {
                told.add("queue " + i);
                FakeQueue queue = new FakeQueue(this, i, options);
                open[i] = queue;
                return queue;
            }
        }
        throw new IOException("all " + count + " queues of the fake are open");
    }

    @Override
    public int queues() {
        return count;
    }

    @Override
    public Set<PortFeature> features() {
        return features;
    }

    @Override
    public void promiscuous(boolean on) throws IOException {
        tell(PortFeature.PROMISCUOUS, "promiscuous", "on", !on);
    }

    @Override
    public void allMulticast(boolean on) throws IOException {
        tell(PortFeature.ALL_MULTICAST, "allmulticast", "on", !on);
    }

    @Override
    public void multicast(List<MacAddress> groups) throws IOException {
        tell(PortFeature.MULTICAST_FILTER, "multicast", groups.toString(), groups.isEmpty());
    }

    @Override
    public void vlan(int id, boolean receive) throws IOException {
        boolean _ = receive ? vlans.add(id) : vlans.remove(id);
        tell(PortFeature.VLAN_FILTER, "vlan-filter", vlans.toString(), vlans.isEmpty());
    }

    @Override
    public void changeMac(MacAddress other) throws IOException {
        tell(PortFeature.MAC_SET, "mac", other.toString(), false);
        mac = other;
    }

    @Override
    public void changeMtu(int bytes) throws IOException {
        tell(PortFeature.MTU_SET, "mtu", Integer.toString(bytes), false);
        mtu = bytes;
    }

    @Override
    public void vlanStripping(boolean on) throws IOException {
        tell(PortFeature.VLAN_STRIP, "vlan-strip", "on", !on);
    }

    @Override
    public FlowControl flowControl() {
        return flowControl;
    }

    @Override
    public void changeFlowControl(FlowControl mode) throws IOException {
        tell(PortFeature.FLOW_CONTROL, "flow-control", mode.name(), mode == FlowControl.NONE);
        flowControl = mode;
    }

    @Override
    public Optional<ReceiveSpread> receiveSpread() {
        return Optional.of(spread);
    }

    @Override
    public void changeReceiveSpread(ReceiveSpread wanted) throws IOException {
        if (IntStream.range(0, wanted.table().size()).anyMatch(i -> wanted.table().get(i) >= count)) {
            throw new IllegalArgumentException("there are only " + count + " queues, from 0");
        }
        tell(PortFeature.RECEIVE_SPREAD, "rss", wanted.toString(), false);
        spread = wanted;
    }

    @Override
    public void throttleInterrupts(Duration interval) throws IOException {
        tell(PortFeature.INTERRUPT_THROTTLING, "throttle", interval.toString(), interval.isZero());
    }
}
