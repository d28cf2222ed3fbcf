package org.busbar.shell.nvme.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;

/** A device in memory, that a test can make slow, faulty or gone. Thread-safe. */
public final class FakeDevice implements BlockDevice {

    /** Decides how a request ends. */
    @FunctionalInterface
    public interface Fate {
        /** Returns the status; with anything but OK nothing is moved. */
        BlockStatus of(FakeQueue.Kind kind, long block, int blocks);
    }

    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    private final int blockSize;
    private final MemorySegment storage;
    private final Set<BlockFeature> features;
    private final List<FakeQueue> queues = new CopyOnWriteArrayList<>();
    private final AtomicInteger flushes = new AtomicInteger();
    private volatile int refuseEvery = Integer.MAX_VALUE;
    private final AtomicInteger asked = new AtomicInteger();
    private volatile Fate fate = (kind, block, blocks) -> BlockStatus.OK;
    private volatile boolean gone;
    private boolean held;
    private boolean reversed;

    public FakeDevice(long blocks, int blockSize) {
        this(blocks, blockSize, EnumSet.allOf(BlockFeature.class));
    }

    public FakeDevice(long blocks, int blockSize, Set<BlockFeature> features) {
        this.blockSize = blockSize;
        this.features = features;
        storage = Arena.ofAuto().allocate(blocks * blockSize, 4096);
    }

    /** Makes requests end in a way of their own. */
    public void fate(Fate next) {
        fate = next;
    }

    Fate fate() {
        return fate;
    }

    /** Keeps all completions back. */
    public void hold() {
        set(true, reversed);
    }

    /** Delivers what was kept back. */
    public void release() {
        set(false, reversed);
    }

    /** Delivers completions last first. */
    public void reverse() {
        set(held, true);
    }

    private void set(boolean hold, boolean reverse) {
        lock.lock();
        try {
            held = hold;
            reversed = reverse;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isHeld() {
        return held && !gone;
    }

    boolean isReversed() {
        return reversed;
    }

    /** The device is not there any more. */
    public void yank() {
        lock.lock();
        try {
            gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isGone() {
        return gone;
    }

    void requirePresent() {
        if (gone) {
            throw new DeviceGoneException("the device is gone");
        }
    }

    /** Waits until so many requests are in flight in all queues. */
    public void awaitInFlight(int count) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(20_000);
        lock.lock();
        try {
            while (queues.stream().mapToInt(FakeQueue::submitted).sum() < count) {
                if (changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new AssertionError("not " + count + " requests in flight but "
                            + queues.stream().mapToInt(FakeQueue::submitted).sum());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many queues are open. */
    public int openQueues() {
        return queues.size();
    }

    void closed(FakeQueue queue) {
        queues.remove(queue);
    }

    void flushed() {
        flushes.incrementAndGet();
    }

    /** Returns how many flushes there were. */
    public int flushes() {
        return flushes.get();
    }

    /** Returns what is stored. */
    public MemorySegment storage() {
        return storage;
    }

    @Override
    public String name() {
        return "fake/n1";
    }

    @Override
    public long blockCount() {
        return storage.byteSize() / blockSize;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public int maxBlocksPerRequest() {
        return 65_536 / blockSize;
    }

    @Override
    public BlockFeatures features() {
        return new BlockFeatures(features, BlockMetadata.NONE, 16, maxBlocksPerRequest());
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) {
        requirePresent();
        target.put(storage.asSlice(block * blockSize, target.remaining()).asByteBuffer());
    }

    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) {
        requirePresent();
        storage.asSlice(block * blockSize, source.remaining()).copyFrom(MemorySegment.ofBuffer(source));
    }

    @Override
    public void flush(Deadline deadline) {
        requirePresent();
    }

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        requirePresent();
        FakeQueue queue = new FakeQueue(this, depth);
        queues.add(queue);
        return queue;
    }

    /** Returns a copy of some blocks. */
    public byte[] blocks(long first, int count) {
        return storage.asSlice(first * blockSize, (long) count * blockSize).toArray(ValueLayout.JAVA_BYTE);
    }

    /** Has every n-th request refused, as a device that is being reset refuses all of them. */
    public void refuseEvery(int n) {
        refuseEvery = n;
    }

    boolean takes() {
        return asked.incrementAndGet() % refuseEvery != 0;
    }
}
