package org.busbar.durable.internal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockMetadata;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;

/**
 * A way to a {@link FakeMedium} that can go at any moment. Requests are carried out when the test says so, also after their
 * queue has said that the device is gone: until the device is over. Thread-safe.
 */
class FakeDevice implements BlockDevice {

    static final int BLOCK = 8;

    /** A request that the device has. */
    static final class Pending {
        final FakeQueue queue;
        final String kind;
        final long block;
        final @Nullable MemorySegment buffer;
        final long offset;
        final boolean forced;
        final long tag;
        boolean submitted;
        @Nullable
        BlockStatus status;

        Pending(
                FakeQueue queue,
                String kind,
                long block,
                @Nullable MemorySegment buffer,
                long offset,
                boolean forced,
                long tag) {
            this.queue = queue;
            this.kind = kind;
            this.block = block;
            this.buffer = buffer;
            this.offset = offset;
            this.forced = forced;
            this.tag = tag;
        }
    }

    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    final FakeMedium medium;
    private final String name;
    private final Set<BlockFeature> features;
    private final List<Pending> inside = new ArrayList<>();
    private final List<Runnable> whenOver = new ArrayList<>();
    private final List<FakeQueue> queues = new ArrayList<>();
    private long blocks;
    private boolean gone;
    private boolean over;
    private boolean tells = true;
    private boolean automatic;
    private boolean full;
    private int writing;
    private @Nullable BlockIOException refusal;
    private volatile BrokenCode code = call -> {};

    FakeDevice(String name, FakeMedium medium) {
        this(name, medium, EnumSet.allOf(BlockFeature.class));
    }

    FakeDevice(String name, FakeMedium medium, Set<BlockFeature> features) {
        this.name = name;
        this.medium = medium;
        this.features = features;
        this.blocks = medium.blocks();
    }

    /** Carries requests out as soon as they are submitted. */
    FakeDevice automatic() {
        automatic = true;
        return this;
    }

    /** Is a device that does not know when it is over. */
    FakeDevice mute() {
        tells = false;
        return this;
    }

    /** What a driver does at its calls, named by their methods, before it does what it should. */
    interface BrokenCode {
        void run(String call);
    }

    /** Is a device whose driver is broken. */
    FakeDevice broken(BrokenCode broken) {
        code = broken;
        return this;
    }

    void begin(String call) {
        code.run(call);
    }

    /** Is a device that grants no queues. */
    FakeDevice refusing(@Nullable BlockIOException why) {
        refusal = why;
        return this;
    }

    FakeDevice resized(long count) {
        blocks = count;
        return this;
    }

    /** Has no room for requests, as during a reset. */
    void full(boolean none) {
        full = none;
    }

    /** Waits until a write that blocks has begun. */
    void awaitWriting() throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(30_000);
        lock.lock();
        try {
            while (writing == 0) {
                if (changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new AssertionError("nobody writes");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Fails what is in flight. It may still be carried out. */
    void yank() {
        locked(() -> {
            gone = true;
            changed.signalAll();
        });
    }

    /** Its binding is over. */
    void end() {
        List<Runnable> due = new ArrayList<>();
        locked(() -> {
            gone = true;
            if (!over) {
                over = true;
                inside.clear();
                queues.forEach(queue -> due.addAll(queue.unreachable()));
                due.addAll(whenOver);
                whenOver.clear();
            }
            changed.signalAll();
        });
        due.forEach(Runnable::run);
    }

    /** Its binding is over, but its driver does not say that requests have failed. */
    void forget() {
        end();
        locked(() -> gone = false);
    }

    boolean isGone() {
        return gone;
    }

    /** How many requests can be carried out. */
    int pending() {
        int[] count = new int[1];
        locked(() -> count[0] = (int) inside.stream().filter(pending -> pending.submitted).count());
        return count[0];
    }

    /** Carries out one of the requests that can be. */
    void execute(int which) {
        locked(() -> {
            List<Pending> ready = inside.stream().filter(pending -> pending.submitted).toList();
            if (which < ready.size()) {
                Pending one = ready.get(which);
                inside.remove(one);
                carryOut(one);
                one.status = BlockStatus.OK;
                changed.signalAll();
            }
        });
    }

    void executeAll() {
        while (pending() > 0) {
            execute(0);
        }
    }

    private void carryOut(Pending one) {
        MemorySegment buffer = one.buffer;
        switch (one.kind) {
            case "read", "compare" -> {
                if (buffer != null && one.kind.equals("read")) {
                    buffer.set(ValueLayout.JAVA_LONG, one.offset, medium.read(one.block));
                }
            }
            case "write" -> {
                if (buffer != null) {
                    medium.write(one.block, buffer.get(ValueLayout.JAVA_LONG, one.offset), one.forced);
                }
            }
            case "zeroes" -> medium.write(one.block, 0, one.forced);
            case "flush" -> medium.flush();
            default -> throw new AssertionError(one.kind);
        }
    }

    void take(Pending request) {
        inside.add(request);
    }

    void submitted(FakeQueue queue) {
        locked(() -> inside.stream().filter(pending -> pending.queue == queue).forEach(pending -> {
            pending.submitted = true;
        }));
        if (automatic) {
            executeAll();
        }
    }

    boolean isFull() {
        return full;
    }

    void requirePresent() {
        if (gone) {
            throw new DeviceGoneException(name + " is gone");
        }
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public long blockCount() {
        return blocks;
    }

    @Override
    public int blockSize() {
        return BLOCK;
    }

    @Override
    public int maxBlocksPerRequest() {
        return 1;
    }

    @Override
    public BlockFeatures features() {
        return new BlockFeatures(features, BlockMetadata.NONE, 4, 1);
    }

    @Override
    public boolean whenOver(Runnable action) {
        boolean[] now = new boolean[1];
        locked(() -> {
            now[0] = over;
            if (!over && tells) {
                whenOver.add(action);
            }
        });
        if (now[0]) {
            action.run();
        }
        return tells;
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) {
        begin("read");
        requirePresent();
        target.putLong(medium.read(block));
    }

    /** A write that blocks, takes half of the buffer and never comes back unless the device is automatic or goes. */
    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            source.get();
            writing++;
            changed.signalAll();
            while (!automatic && !gone) {
                if (changed.awaitNanos(deadline.remainingNanos()) <= 0) {
                    throw new AssertionError("nobody came");
                }
            }
            requirePresent();
            source.position(source.position() - 1);
            medium.write(block, source.getLong(), false);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void flush(Deadline deadline) {
        requirePresent();
        medium.flush();
    }

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        return openQueue(QueueOptions.depth(depth));
    }

    @Override
    public BlockQueue openQueue(QueueOptions options) throws BlockIOException {
        begin("openQueue");
        requirePresent();
        BlockIOException why = refusal;
        if (why != null) {
            throw why;
        }
        FakeQueue queue = new FakeQueue(this, options.depth());
        locked(() -> queues.add(queue));
        return queue;
    }

    void closed(FakeQueue queue) {
        locked(() -> {
            inside.removeIf(pending -> pending.queue == queue);
            queues.remove(queue);
        });
    }
}
