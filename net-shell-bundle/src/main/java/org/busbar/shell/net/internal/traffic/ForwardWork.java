package org.busbar.shell.net.internal.traffic;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PacketPools;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.busbar.shell.internal.text.Fields;
import org.busbar.shell.net.internal.Ports;
import org.busbar.shell.net.internal.run.Stop;
import org.busbar.shell.net.internal.run.Work;
import org.busbar.shell.net.internal.wire.Copier;
import org.jspecify.annotations.Nullable;

/**
 * {@code nic:forward}: what one port receives another sends, in the same packets if both ports can share a pool. One thread does
 * both directions, as each queue is for one thread.
 */
final class ForwardWork implements Work {

    private static final int PACKETS = 4096;
    private static final int PACKET_BYTES = 2048;
    private static final int IDLE_LOOKS = 2_000;
    private static final long TURN_MILLIS = 1;

    private final Ports.Found one;
    private final Ports.Found other;
    private final Optional<PacketPools> pools;
    private final ForwardOptions options;
    private final List<Ports.Found> held = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private @Nullable PacketPool pool;
    private @Nullable PortQueue first;
    private @Nullable PortQueue second;

    ForwardWork(Ports.Found one, Ports.Found other, Optional<PacketPools> pools, ForwardOptions options) {
        this.one = one;
        this.other = other;
        this.pools = pools;
        this.options = options;
    }

    @Override
    public String title() {
        return "nic:forward " + one.port().name() + (options.bothWays() ? " <-> " : " -> ") + other.port().name();
    }

    @Override
    public void open() throws IOException {
        PacketPool shared = canShare() ? pools.orElseThrow().create(PACKETS, packetBytes()) : null;
        pool = shared;
        PortQueueOptions queues = PortQueueOptions.DEFAULT.withPool(shared);
        PortQueue a = open(one.port(), queues);
        first = a;
        PortQueue b = open(other.port(), queues);
        second = b;
        if (options.promiscuous()) {
            hold(one);
            if (options.bothWays()) {
                hold(other);
            }
        }
        lanes.add(Lane.of(a, b, other.port(), options.batch(), shared != null));
        if (options.bothWays()) {
            lanes.add(Lane.of(b, a, one.port(), options.batch(), shared != null));
        }
    }

    private static PortQueue open(NetworkPort port, PortQueueOptions options) throws IOException {
        return options.pool() == null ? port.openQueue() : port.openQueue(options);
    }

    private boolean canShare() {
        return !options.copy()
                && pools.isPresent()
                && one.port().features().contains(PortFeature.SHARED_POOL)
                && other.port().features().contains(PortFeature.SHARED_POOL);
    }

    /** Large enough for every frame, unless both ports have frames in several packets. */
    private int packetBytes() {
        int longest = Math.max(Copier.longestFrame(one.port()), Copier.longestFrame(other.port()));
        return isScattered(one.port()) && isScattered(other.port()) ? PACKET_BYTES : Math.max(PACKET_BYTES, longest);
    }

    private static boolean isScattered(NetworkPort port) {
        return port.features().contains(PortFeature.SCATTERED_RECEIVE)
                && port.features().contains(PortFeature.SCATTERED_TRANSMIT);
    }

    private void hold(Ports.Found port) throws IOException {
        if (port.promiscuity().hold()) {
            held.add(port);
        }
    }

    @Override
    public void run(Stop stop) throws InterruptedException {
        int idle = 0;
        while (!stop.isWanted()) {
            boolean any = false;
            for (int i = 0; i < lanes.size(); i++) {
                any |= lanes.get(i).move();
            }
            idle = any ? 0 : idle + 1;
            if (idle > IDLE_LOOKS) {
                idle = await(stop) ? 0 : idle;
            } else if (idle > 0) {
                Thread.onSpinWait();
            }
        }
    }

    private boolean await(Stop stop) throws InterruptedException {
        if (lanes.size() == 1) {
            return lanes.getFirst().from().awaitReceive(stop.slice());
        }
        for (Lane lane : lanes) {
            if (lane.from().awaitReceive(Deadline.afterMillis(TURN_MILLIS))) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        List<AutoCloseable> all = new ArrayList<>(lanes);
        held.forEach(port -> all.add(() -> port.promiscuity().release()));
        held.clear();
        addOpen(first, all);
        addOpen(second, all);
        addOpen(pool, all);
        Closing.all(all);
    }

    private static void addOpen(@Nullable AutoCloseable resource, List<AutoCloseable> all) {
        if (resource != null) {
            all.add(resource);
        }
    }

    @Override
    public String progress() {
        StringBuilder text = new StringBuilder();
        for (Lane lane : lanes) {
            text.append(text.isEmpty() ? "" : ", back ")
                    .append(String.format(Locale.ROOT, "%,d frames, %,d dropped", lane.sent, lane.dropped));
        }
        return text.toString();
    }

    @Override
    public Fields report() {
        Fields fields = new Fields().add("by", pool == null ? "copying" : "passing packets of one pool");
        String there = one.port().name() + " to " + other.port().name();
        String back = other.port().name() + " to " + one.port().name();
        for (Lane lane : lanes) {
            String way = fields.values().containsKey(there) ? back : there;
            fields.add(way, lane.sent, String.format(Locale.ROOT, "%,d frames, %,d dropped", lane.sent, lane.dropped));
        }
        return fields;
    }
}
