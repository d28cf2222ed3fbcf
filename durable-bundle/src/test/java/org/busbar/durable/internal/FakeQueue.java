package org.busbar.durable.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;

/** A queue of a {@link FakeDevice}. Keeps to the contract, and to nothing more. */
final class FakeQueue implements BlockQueue {

    private final FakeDevice device;
    private final int depth;
    private final List<FakeDevice.Pending> requests = new ArrayList<>();
    private final List<Runnable> mappings = new ArrayList<>();
    private final List<MemorySegment> mapped = new ArrayList<>();
    private boolean closed;
    private boolean twice;

    FakeQueue(FakeDevice device, int depth) {
        this.device = device;
        this.depth = depth;
    }

    /** The device cannot reach memory of others any more. Returns whom to tell. */
    List<Runnable> unreachable() {
        List<Runnable> due = List.copyOf(mappings);
        mappings.clear();
        return due;
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public int inFlight() {
        return requests.size();
    }

    @Override
    public MemorySegment allocate(long bytes) {
        return Arena.ofAuto().allocate(bytes, 4096);
    }

    @Override
    public void map(MemorySegment memory, Runnable unreachable) {
        device.begin("map");
        device.requirePresent();
        device.locked(() -> {
            mappings.add(unreachable);
            mapped.add(memory);
        });
    }

    private boolean prepare(String kind, long block, @Nullable MemorySegment buffer, long offset, boolean forced,
            long tag) {
        if (closed) {
            throw new IllegalStateException("the queue is closed");
        }
        device.requirePresent();
        if (block < 0 || block >= device.blockCount()) {
            throw new IllegalArgumentException("block " + block + " is outside the device");
        }
        if (buffer != null && mapped.stream().noneMatch(memory -> memory.address() == buffer.address())) {
            throw new IllegalArgumentException("the buffer is not one of this queue");
        }
        if (requests.size() == depth || device.isFull()) {
            return false;
        }
        FakeDevice.Pending request = new FakeDevice.Pending(this, kind, block, buffer, offset, forced, tag);
        device.locked(() -> {
            requests.add(request);
            device.take(request);
        });
        device.begin(kind);
        return true;
    }

    @Override
    public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return prepare("read", block, buffer, offset, false, tag);
    }

    @Override
    public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return prepare("write", block, buffer, offset, false, tag);
    }

    @Override
    public boolean write(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return prepare("write", block, buffer, offset, options.forceUnitAccess(), tag);
    }

    @Override
    public boolean compare(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return prepare("compare", block, buffer, offset, false, tag);
    }

    @Override
    public boolean flush(long tag) {
        return prepare("flush", 0, null, 0, false, tag);
    }

    @Override
    public boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        return prepare("zeroes", block, null, 0, options.forceUnitAccess(), tag);
    }

    @Override
    public boolean copy(List<BlockRange> from, long to, RequestOptions options, long tag) {
        return prepare("compare", to, null, 0, false, tag);
    }

    @Override
    public void submit() {
        device.begin("submit");
        device.submitted(this);
    }

    /** Reports each completion twice from now on. */
    void lie() {
        twice = true;
    }

    @Override
    public int poll(Completion completion, int max) {
        device.begin("poll");
        int count = 0;
        for (int i = 0; i < requests.size() && count < max;) {
            FakeDevice.Pending request = requests.get(i);
            BlockStatus status = device.isGone() ? BlockStatus.GONE : request.status;
            if (status == null) {
                i++;
                continue;
            }
            requests.remove(i);
            count++;
            completion.completed(request.tag, status, status == BlockStatus.OK ? 0 : -1);
            if (twice) {
                completion.completed(request.tag, status, 0);
            }
        }
        return count;
    }

    @Override
    public void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        device.begin("await");
        device.lock.lockInterruptibly();
        try {
            while (!device.isGone() && !requests.isEmpty() && requests.stream().allMatch(r -> r.status == null)) {
                if (device.changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new DeviceTimeoutException("timed out");
                }
            }
            if (requests.isEmpty()) {
                device.requirePresent();
            }
        } finally {
            device.lock.unlock();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            device.begin("close");
            if (!device.isGone()) {
                device.closed(this);
                unreachable().forEach(Runnable::run);
            }
        }
    }
}
