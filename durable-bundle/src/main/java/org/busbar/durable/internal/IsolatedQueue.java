package org.busbar.durable.internal;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.BlockVector;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.durable.internal.Requests.Kind;

/**
 * A path's queue whose driver is called by a thread of its own, the {@link Carrier}: a call that never returns holds up that
 * thread, which is given up, and not the application's. Costs two hand-overs between threads per batch of requests.
 *
 * <p>What arguments are wrong, or not supported, is found by the driver later than in {@link BlockQueue}'s own way: such
 * requests are accepted, and end with {@link BlockStatus#OUT_OF_RANGE} or {@link BlockStatus#NOT_SUPPORTED}.
 */
final class IsolatedQueue implements BlockQueue {

    private static final long LONGEST_WAIT = TimeUnit.MILLISECONDS.toNanos(50);

    private final Path path;
    private final QueueMemory memory;
    private final Requests requests;
    private final Line given;
    private final Line ended;
    private final Changes news = new Changes();
    private final Carrier carrier;
    private int prepared;

    IsolatedQueue(DurableVolume volume, Attachment driver, QueueMemory memory, int depth) {
        this.path = driver.path();
        this.memory = memory;
        this.requests = new Requests(depth);
        this.given = new Line(depth);
        this.ended = new Line(depth);
        this.carrier = new Carrier(volume, driver, requests, given, ended, news);
        carrier.start();
    }

    /** Numbers that one thread puts in and another takes out, in order; as many as there can be at once. */
    static final class Line {

        private final int[] slots;
        private long next;
        private volatile long put;
        private volatile long taken;

        Line(int size) {
            slots = new int[size];
        }

        /** Puts one in, to be seen with the next {@link #show}. */
        void put(int slot) {
            slots[(int) (next++ % slots.length)] = slot;
        }

        void show() {
            put = next;
        }

        boolean isEmpty() {
            return put == taken;
        }

        /** Returns the oldest that is shown; there has to be one. */
        int first() {
            return slots[(int) (taken % slots.length)];
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread takes
        void takeFirst() {
            taken++;
        }
    }

    @Override
    public int depth() {
        return requests.depth();
    }

    @Override
    public int inFlight() {
        return requests.taken();
    }

    @Override
    public MemorySegment allocate(long bytes) {
        throw new UnsupportedOperationException("memory is the volume's");
    }

    @Override
    public BlockVector newVector(int pieces) {
        return new VolumeVector(memory, pieces);
    }

    /**
     * Has the carrier map a buffer, and waits for that. When the driver is given up it may still map it, later: all that counts
     * who reaches the buffer is therefore done by the carrier.
     *
     * @throws DeviceGoneException if nobody waits for the driver any more
     */
    void map(QueueMemory.Buffer buffer) throws BlockIOException {
        FutureTask<Void> errand = new FutureTask<>(() -> {
            buffer.mapInto(carrier.driver().queue());
            return null;
        });
        carrier.run(errand);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    errand.get(LONGEST_WAIT, TimeUnit.NANOSECONDS);
                    return;
                } catch (TimeoutException e) {
                    if (path.isCondemned() || path.isOver() || carrier.hasEnded()) {
                        boolean _ = errand.cancel(false); // it is not begun any more
                        throw new DeviceGoneException(path + " went while memory was being mapped");
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw Aside.cause(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Kind.READ, block, blocks, buffer, offset, RequestOptions.NONE, tag);
    }

    @Override
    public boolean read(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return transfer(Kind.READ, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean read(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        return transfer(Kind.READ, block, blocks, data, options, tag);
    }

    @Override
    public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Kind.WRITE, block, blocks, buffer, offset, RequestOptions.NONE, tag);
    }

    @Override
    public boolean write(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return transfer(Kind.WRITE, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean write(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        return transfer(Kind.WRITE, block, blocks, data, options, tag);
    }

    @Override
    public boolean compare(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return transfer(Kind.COMPARE, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean compare(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        return transfer(Kind.COMPARE, block, blocks, data, options, tag);
    }

    private boolean transfer(
            Kind kind, long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        int slot = requests.take(kind, block, blocks, options, tag);
        if (slot != Requests.NONE) {
            requests.data(slot, buffer, offset);
            prepare(slot);
        }
        return slot != Requests.NONE;
    }

    private boolean transfer(Kind kind, long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        int slot = requests.take(kind, block, blocks, options, tag);
        if (slot != Requests.NONE) {
            requests.data(slot, (VolumeVector) data);
            prepare(slot);
        }
        return slot != Requests.NONE;
    }

    @Override
    public boolean flush(long tag) {
        return simple(Kind.FLUSH, 0, 0, RequestOptions.NONE, tag);
    }

    @Override
    public boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        return simple(Kind.ZEROES, block, blocks, options, tag);
    }

    @Override
    public boolean verify(long block, int blocks, RequestOptions options, long tag) {
        return simple(Kind.VERIFY, block, blocks, options, tag);
    }

    private boolean simple(Kind kind, long block, int blocks, RequestOptions options, long tag) {
        int slot = requests.take(kind, block, blocks, options, tag);
        if (slot != Requests.NONE) {
            prepare(slot);
        }
        return slot != Requests.NONE;
    }

    @Override
    public boolean deallocate(List<BlockRange> ranges, long tag) {
        return ranged(Kind.DEALLOCATE, ranges, 0, RequestOptions.NONE, tag);
    }

    @Override
    public boolean copy(List<BlockRange> from, long to, RequestOptions options, long tag) {
        return ranged(Kind.COPY, from, to, options, tag);
    }

    private boolean ranged(Kind kind, List<BlockRange> ranges, long to, RequestOptions options, long tag) {
        int slot = requests.take(kind, to, 0, options, tag);
        if (slot != Requests.NONE) {
            requests.ranges(slot, ranges);
            prepare(slot);
        }
        return slot != Requests.NONE;
    }

    private void prepare(int slot) {
        given.put(slot);
        prepared++;
    }

    @Override
    public void submit() {
        if (prepared > 0) {
            prepared = 0;
            given.show();
            carrier.wake();
        }
    }

    @Override
    public int poll(Completion completion, int max) {
        submit();
        int count = 0;
        while (count < max && !ended.isEmpty()) {
            int slot = ended.first();
            ended.takeFirst();
            long tag = requests.tag(slot);
            BlockStatus status = requests.end(slot);
            int deviceStatus = carrier.deviceStatus(slot);
            requests.give(slot);
            count++;
            completion.completed(tag, status, deviceStatus);
        }
        return count;
    }

    @Override
    public void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        submit();
        while (true) {
            long seen = news.count();
            if (!ended.isEmpty() || requests.taken() == 0) {
                return;
            }
            if (deadline.expired()) {
                throw new DeviceTimeoutException("timed out waiting for " + requests.taken() + " requests");
            }
            news.await(seen, deadline.remainingNanos());
        }
    }

    /** The carrier closes the path's queue, when it can. */
    @Override
    public void close() {
        carrier.end();
    }
}
