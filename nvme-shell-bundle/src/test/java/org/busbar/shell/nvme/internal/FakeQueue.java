package org.busbar.shell.nvme.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/** A queue of {@link FakeDevice}. Requests take effect when they are submitted. Allocates nothing per request. */
public final class FakeQueue implements BlockQueue {

    /** What a request is for. */
    public enum Kind {
        READ,
        WRITE,
        FLUSH,
        ZERO,
        TRIM
    }

    private final FakeDevice device;
    private final Arena arena = Arena.ofShared();
    private final long[] tags;
    private final BlockStatus[] statuses;
    private int prepared;
    private volatile int submitted;
    private boolean closed;

    FakeQueue(FakeDevice device, int depth) {
        this.device = device;
        tags = new long[depth];
        statuses = new BlockStatus[depth];
    }

    int submitted() {
        return submitted;
    }

    @Override
    public int depth() {
        return tags.length;
    }

    @Override
    public int inFlight() {
        return prepared;
    }

    @Override
    public MemorySegment allocate(long bytes) {
        return arena.allocate(bytes, 4096);
    }

    private boolean prepare(Kind kind, long block, int blocks, MemorySegment buffer, long offset, long tag) {
        if (closed) {
            throw new IllegalStateException("the queue is closed");
        }
        device.requirePresent();
        if (block < 0 || blocks < 0 || block + blocks > device.blockCount()) {
            throw new IllegalArgumentException("blocks outside the device");
        }
        if (prepared == tags.length || !device.takes()) {
            return false;
        }
        BlockStatus status = device.fate().of(kind, block, blocks);
        if (status == BlockStatus.OK) {
            move(kind, block * device.blockSize(), (long) blocks * device.blockSize(), buffer, offset);
        }
        device.lock.lock();
        try {
            tags[prepared] = tag;
            statuses[prepared++] = status;
        } finally {
            device.lock.unlock();
        }
        return true;
    }

    private void move(Kind kind, long at, long bytes, MemorySegment buffer, long offset) {
        switch (kind) {
            case READ -> MemorySegment.copy(device.storage(), at, buffer, offset, bytes);
            case WRITE -> MemorySegment.copy(buffer, offset, device.storage(), at, bytes);
            case ZERO, TRIM -> device.storage().asSlice(at, bytes).fill((byte) 0);
            case FLUSH -> device.flushed();
        }
    }

    @Override
    public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return prepare(Kind.READ, block, blocks, buffer, offset, tag);
    }

    @Override
    public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return prepare(Kind.WRITE, block, blocks, buffer, offset, tag);
    }

    @Override
    public boolean write(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        boolean taken = prepare(Kind.WRITE, block, blocks, buffer, offset, tag);
        if (taken && options.forceUnitAccess()) {
            device.flushed();
        }
        return taken;
    }

    @Override
    public boolean flush(long tag) {
        return prepare(Kind.FLUSH, 0, 0, MemorySegment.NULL, 0, tag);
    }

    @Override
    public boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        return prepare(Kind.ZERO, block, blocks, MemorySegment.NULL, 0, tag);
    }

    @Override
    public boolean deallocate(List<BlockRange> ranges, long tag) {
        BlockRange range = ranges.getFirst();
        return prepare(Kind.TRIM, range.first(), (int) range.count(), MemorySegment.NULL, 0, tag);
    }

    @Override
    public void submit() {
        device.lock.lock();
        try {
            submitted = prepared;
            device.changed.signalAll();
        } finally {
            device.lock.unlock();
        }
    }

    @Override
    public int poll(Completion completion, int max) {
        int count = 0;
        for (; count < max; count++) {
            long tag;
            BlockStatus status;
            device.lock.lock();
            try {
                if (device.isHeld() || submitted == 0) {
                    break;
                }
                int which = device.isReversed() ? submitted - 1 : 0;
                tag = tags[which];
                status = device.isGone() ? BlockStatus.GONE : statuses[which];
                System.arraycopy(tags, which + 1, tags, which, prepared - which - 1);
                System.arraycopy(statuses, which + 1, statuses, which, prepared - which - 1);
                prepared--;
                submitted = submitted - 1;
            } finally {
                device.lock.unlock();
            }
            completion.completed(tag, status, status == BlockStatus.OK ? 0 : -1);
        }
        return count;
    }

    @Override
    public void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        device.lock.lockInterruptibly();
        try {
            while (device.isHeld() || (submitted == 0 && prepared > 0)) {
                if (device.changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new DeviceTimeoutException("timed out");
                }
            }
        } finally {
            device.lock.unlock();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            device.closed(this);
            arena.close();
        }
    }
}
