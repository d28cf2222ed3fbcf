package org.busbar.testkit.net;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * Passes what one port receives to the other without a copy, both ways, and is also the stations at both ends: as many frames
 * are under way as the cards take. Runs until it is told to stop, or a device has gone.
 */
final class Bridge {

    private static final int BURST = 16;
    private static final int BATCH = 32;

    private final Lane there;
    private final Lane back;
    private volatile boolean stopping;
    private volatile @Nullable Goal goal;

    /** How it ended. */
    enum End {
        STOPPED,
        DEVICE_GONE
    }

    /** One way across. Frames that have come through are counted by the bridge's thread, and looked at by others. */
    private static final class Lane {

        private final Station source;
        private final CardPlace entrance;
        private final PortQueue in;
        private final PortQueue out;
        private final Station sink;
        private final @Nullable Packet[] batch = new @Nullable Packet[BATCH];
        private int number;
        private volatile long passed;

        Lane(Station source, CardPlace entrance, PortQueue in, PortQueue out, Station sink) {
            this.source = source;
            this.entrance = entrance;
            this.in = in;
            this.out = out;
            this.sink = sink;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread counts
        boolean step() {
            for (int i = 0; i < BURST; i++) {
                source.send(entrance.mac(), number++);
            }
            int count = in.receive(batch);
            int sent = 0;
            try {
                sent = out.transmit(batch, 0, count);
            } finally {
                for (int i = sent; i < count; i++) {
                    Packet rest = batch[i];
                    if (rest != null) {
                        rest.release();
                    }
                }
            }
            int arrived = sink.receive(BATCH);
            passed = passed + arrived;
            return arrived > 0;
        }
    }

    /** So many frames more, each way. */
    private record Goal(long there, long back, CountDownLatch reached) {}

    Bridge(CardPlace left, PortQueue leftQueue, Station near, CardPlace right, PortQueue rightQueue, Station far) {
        there = new Lane(near, left, leftQueue, rightQueue, far);
        back = new Lane(far, right, rightQueue, leftQueue, near);
    }

    End run() {
        try {
            while (!stopping) {
                boolean moved = there.step();
                moved |= back.step();
                reach();
                if (!moved) {
                    Thread.onSpinWait();
                }
            }
            return End.STOPPED;
        } catch (DeviceGoneException e) {
            return End.DEVICE_GONE;
        } finally {
            Goal missed = goal;
            if (missed != null) {
                missed.reached.countDown();
            }
        }
    }

    private void reach() {
        Goal now = goal;
        if (now != null && there.passed >= now.there && back.passed >= now.back) {
            now.reached.countDown();
        }
    }

    /** Waits until so many frames more have come through each way. */
    void awaitPassed(int frames, long millis) throws InterruptedException {
        Goal next = new Goal(there.passed + frames, back.passed + frames, new CountDownLatch(1));
        goal = next;
        boolean reached = next.reached.await(millis, TimeUnit.MILLISECONDS);
        if (!reached || there.passed < next.there || back.passed < next.back) {
            throw new AssertionError("of %d frames there %d are missing, and of those back %d".formatted(
                    frames, Math.max(0, next.there - there.passed), Math.max(0, next.back - back.passed)));
        }
    }

    void stop() {
        stopping = true;
    }

    /** Returns how many frames have come through both ways. */
    long passed() {
        return there.passed + back.passed;
    }
}
