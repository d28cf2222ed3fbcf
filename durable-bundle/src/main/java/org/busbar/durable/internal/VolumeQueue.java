package org.busbar.durable.internal;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.durable.internal.Requests.Kind;

/** A queue that an application has opened on a volume: puts down what it asks for, and has {@link Reissue} see to it. */
final class VolumeQueue implements BlockQueue {

    private static final int MAX_PIECES = 4096;

    private final DurableVolume volume;
    private final QueueMemory memory;
    private final Requests requests;
    private final Reissue reissue;

    VolumeQueue(DurableVolume volume, QueueOptions options) {
        this.volume = volume;
        this.memory = new QueueMemory(volume.executor());
        this.requests = new Requests(options.depth());
        this.reissue = new Reissue(volume, options, memory, requests);
    }

    /** Opens it on a path, so that the device's refusals are the caller's. */
    void open(Path path) throws BlockIOException {
        reissue.open(path);
    }

    /** Something has changed about the volume. On any thread. */
    void look() {
        reissue.look();
    }

    /** Looks whether a driver takes too long. On the volumes' thread. */
    void watch(long interval, long patience) {
        reissue.watch(interval, patience);
    }

    /** How many requests have ended. Any thread may ask; it may be a little late. */
    long ended() {
        return reissue.ended();
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
    public MemorySegment allocate(long bytes) throws BlockIOException {
        QueueMemory.Buffer buffer = memory.allocate(bytes);
        boolean done = false;
        try {
            reissue.mapNew();
            done = true;
            return buffer.memory();
        } finally {
            if (!done) {
                memory.free(buffer);
            }
        }
    }

    @Override
    public BlockVector newVector(int pieces) {
        if (pieces < 1 || pieces > MAX_PIECES) {
            throw new IllegalArgumentException(
                    "a vector has 1 to " + MAX_PIECES + " pieces, not " + pieces);
        }
        reissue.requireVectors(pieces);
        return new VolumeVector(memory, pieces);
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
        int slot = take(kind, block, blocks, options, tag);
        if (slot == Requests.NONE) {
            return false;
        }
        requests.data(slot, buffer, offset);
        return reissue.begin(slot);
    }

    private boolean transfer(
            Kind kind, long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        if (!(data instanceof VolumeVector vector) || !vector.isOf(memory)) {
            throw new IllegalArgumentException("the vector is not one of this queue");
        }
        int slot = take(kind, block, blocks, options, tag);
        if (slot == Requests.NONE) {
            return false;
        }
        requests.data(slot, vector);
        return reissue.begin(slot);
    }

    @Override
    public boolean flush(long tag) {
        return begin(Kind.FLUSH, 0, 0, RequestOptions.NONE, tag);
    }

    @Override
    public boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        return begin(Kind.ZEROES, block, blocks, options, tag);
    }

    @Override
    public boolean verify(long block, int blocks, RequestOptions options, long tag) {
        return begin(Kind.VERIFY, block, blocks, options, tag);
    }

    private boolean begin(Kind kind, long block, int blocks, RequestOptions options, long tag) {
        int slot = take(kind, block, blocks, options, tag);
        return slot != Requests.NONE && reissue.begin(slot);
    }

    @Override
    public boolean deallocate(List<BlockRange> ranges, long tag) {
        return begin(Kind.DEALLOCATE, ranges, 0, RequestOptions.NONE, tag);
    }

    @Override
    public boolean copy(List<BlockRange> from, long to, RequestOptions options, long tag) {
        return begin(Kind.COPY, from, to, options, tag);
    }

    private boolean begin(Kind kind, List<BlockRange> ranges, long to, RequestOptions options, long tag) {
        int slot = take(kind, to, 0, options, tag);
        if (slot == Requests.NONE) {
            return false;
        }
        requests.ranges(slot, ranges);
        return reissue.begin(slot);
    }

    private int take(Kind kind, long first, int count, RequestOptions options, long tag) {
        return reissue.isReady() ? requests.take(kind, first, count, options, tag) : Requests.NONE;
    }

    @Override
    public void submit() {
        reissue.submit();
    }

    @Override
    public int poll(Completion completion, int max) {
        return reissue.poll(completion, max);
    }

    @Override
    public void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        reissue.await(deadline);
    }

    @Override
    public void close() {
        if (reissue.close()) {
            memory.close();
            volume.closed(this);
        }
    }
}
