package org.busbar.lab;

import org.busbar.device.DeviceGoneException;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/**
 * Moves frames on a thread of its own as fast as that goes, without ever waiting, as DPDK's testpmd does: what a driver costs
 * shows best when next to nothing is done with the frames. Counts them.
 */
final class NetLoad implements Runnable {

    /** The name of the thread, for who wants to give it a processor of its own. */
    static final String THREAD = "lab-load";

    /** What is done with frames. For one thread. */
    interface Step extends AutoCloseable {

        /** Moves one batch, or what there is of it; returns how many frames. */
        int move();

        @Override
        void close();
    }

    private final Step step;
    private final Thread thread;
    private volatile boolean stop;
    private volatile long moved;
    private volatile String end = "running";

    NetLoad(Step step) {
        this.step = step;
        thread = Thread.ofPlatform().name(THREAD).daemon().unstarted(this);
        thread.start();
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    public void run() {
        try (step) {
            while (!stop) {
                int count = step.move();
                if (count > 0) {
                    moved += count;
                }
            }
            end = "stopped";
        } catch (DeviceGoneException e) {
            end = "gone: " + e.getMessage();
        } catch (RuntimeException e) {
            end = "failed: " + e;
        }
    }

    /** Returns the frames moved so far, the time, in nanoseconds since some moment, and how it is going. */
    String counts() {
        return "moved " + moved + " at " + System.nanoTime() + " " + end;
    }

    String finish(long millis) throws InterruptedException {
        stop = true;
        thread.join(millis);
        return (thread.isAlive() ? "still not ended" : end) + "; moved " + moved;
    }

    /** Releases what was not sent. */
    private static void release(@Nullable Packet[] batch, int from, int to) {
        for (int i = from; i < to; i++) {
            Packet packet = batch[i];
            if (packet != null) {
                packet.release();
            }
        }
    }

    /** Takes frames and lets go of them, as "rxonly" does. */
    static final class Receive implements Step {

        private final PortQueue queue;
        private final @Nullable Packet[] batch;

        Receive(PortQueue queue, int batch) {
            this.queue = queue;
            this.batch = new Packet[batch];
        }

        @Override
        public int move() {
            int count = queue.receive(batch);
            release(batch, 0, count);
            return count;
        }

        @Override
        public void close() {
            queue.close();
        }
    }

    /** Sends frames with fresh headers, as "txonly" does. What finds no room is sent next time. */
    static final class Send implements Step {

        private final PortQueue queue;
        private final FrameHead head;
        private final int bytes;
        private final @Nullable Packet[] batch;
        private int made;

        Send(PortQueue queue, FrameHead head, int bytes, int batch) {
            this.queue = queue;
            this.head = head;
            this.bytes = bytes;
            this.batch = new Packet[batch];
        }

        @Override
        public int move() {
            while (made < batch.length) {
                Packet packet = queue.allocate();
                if (packet == null) {
                    break;
                }
                head.putInto(packet, bytes);
                batch[made++] = packet;
            }
            int sent = queue.transmit(batch, 0, made);
            made -= sent;
            if (sent > 0 && made > 0) {
                System.arraycopy(batch, sent, batch, 0, made);
            }
            return sent;
        }

        @Override
        public void close() {
            release(batch, 0, made);
            queue.close();
        }
    }

    /** Sends by each of two ports what the other receives, as "io" does; what finds no room is dropped, and not counted. */
    static final class Forward implements Step {

        private final PortQueue one;
        private final PortQueue other;
        private final PacketPool pool;
        private final @Nullable Packet[] batch;

        /** @param pool which both have their packets from */
        Forward(PortQueue one, PortQueue other, PacketPool pool, int batch) {
            this.one = one;
            this.other = other;
            this.pool = pool;
            this.batch = new Packet[batch];
        }

        @Override
        public int move() {
            return pass(one, other) + pass(other, one);
        }

        private int pass(PortQueue from, PortQueue to) {
            int count = from.receive(batch);
            if (count == 0) {
                return 0;
            }
            int sent = to.transmit(batch, 0, count);
            release(batch, sent, count);
            return sent;
        }

        @Override
        public void close() {
            one.close();
            other.close();
            pool.close();
        }
    }
}
