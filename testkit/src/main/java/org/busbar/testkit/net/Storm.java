package org.busbar.testkit.net;

import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * Two cards, each on a switch of its own, with full traffic between them that passes without a copy in packets of one pool; and
 * trouble for either. Whatever happens, the other port goes on, frames pass again afterwards, every byte of those that arrive
 * is right, and when the queues are closed the pool has every packet.
 */
public final class Storm {

    private static final int PACKETS = 2048;
    private static final int PACKET_BYTES = 2048;
    private static final int FRAMES = 300;
    private static final long DEADLINE_MILLIS = 120_000;

    private final ExecutorService threads = Executors.newSingleThreadExecutor();
    private final PacketPool pool = new PacketPoolService().create(PACKETS, PACKET_BYTES);
    private final CardPlace left;
    private final CardPlace right;
    private final Station near;
    private final Station far;
    private @Nullable PortQueue leftQueue;
    private @Nullable PortQueue rightQueue;
    private long passed;

    /** Plugs in a card of each kind, and has them bound. */
    public Storm(CardPlace.Kind leftKind, CardPlace.Kind rightKind)
            throws IOException, ProbeException, InterruptedException {
        NetworkSwitch nearSwitch = new NetworkSwitch();
        NetworkSwitch farSwitch = new NetworkSwitch();
        left = new CardPlace(1, leftKind, nearSwitch);
        right = new CardPlace(2, rightKind, farSwitch);
        near = new Station(nearSwitch, new MacAddress(0x0200_0000_0001L));
        far = new Station(farSwitch, new MacAddress(0x0200_0000_0002L));
    }

    /** Has one card struck by trouble under traffic, and everything counted afterwards. */
    public void strike(Trouble trouble, boolean strikeLeft) throws Exception {
        CardPlace victim = strikeLeft ? left : right;
        PortQueue a = open(left, leftQueue);
        PortQueue b = open(right, rightQueue);
        Bridge bridge = new Bridge(left, a, near, right, b, far);
        Future<Bridge.End> end = threads.submit(bridge::run);
        bridge.awaitPassed(FRAMES, DEADLINE_MILLIS);
        trouble.strike(victim);
        if (trouble.queuesStay()) {
            bridge.awaitPassed(FRAMES, DEADLINE_MILLIS);
            bridge.stop();
            expect(Bridge.End.STOPPED, end);
        } else {
            expect(Bridge.End.DEVICE_GONE, end);
            (strikeLeft ? a : b).close();
        }
        passed += bridge.passed();
        leftQueue = strikeLeft && !trouble.queuesStay() ? null : a;
        rightQueue = strikeLeft || trouble.queuesStay() ? b : null;
        if (!trouble.queuesStay()) {
            goOn();
        }
        closeAndCount();
    }

    /** Frames pass again between the port that was not struck, whose queue is still the same, and the next one. */
    private void goOn() throws Exception {
        PortQueue a = open(left, leftQueue);
        PortQueue b = open(right, rightQueue);
        leftQueue = a;
        rightQueue = b;
        Bridge bridge = new Bridge(left, a, near, right, b, far);
        Future<Bridge.End> end = threads.submit(bridge::run);
        bridge.awaitPassed(FRAMES, DEADLINE_MILLIS);
        bridge.stop();
        expect(Bridge.End.STOPPED, end);
        passed += bridge.passed();
    }

    private PortQueue open(CardPlace place, @Nullable PortQueue before) throws IOException {
        return before == null ? place.open(pool) : before;
    }

    private static void expect(Bridge.End expected, Future<Bridge.End> end) throws Exception {
        Bridge.End how = end.get(DEADLINE_MILLIS, TimeUnit.MILLISECONDS);
        if (how != expected) {
            throw new AssertionError("the traffic has ended with " + how + ", not with " + expected);
        }
    }

    private void closeAndCount() {
        close(leftQueue);
        close(rightQueue);
        leftQueue = null;
        rightQueue = null;
        left.requireInnocence();
        right.requireInnocence();
        if (pool.available() != PACKETS) {
            throw new AssertionError("the pool has " + pool.available() + " of " + PACKETS + " packets");
        }
    }

    private static void close(@Nullable PortQueue queue) {
        if (queue != null) {
            queue.close();
        }
    }

    /** Returns how many frames have come through so far, each with the right content. */
    public long passed() {
        return passed;
    }

    /** Gives both cards up, and takes them out. */
    public void end() throws Exception {
        threads.shutdownNow();
        left.slot().remove(RemovalReason.UNBIND);
        right.slot().remove(RemovalReason.UNBIND);
        left.takeOut();
        right.takeOut();
        pool.close();
    }
}
