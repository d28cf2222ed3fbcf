package org.busbar.driver.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockMetadata;
import org.busbar.block.QueueOptions;
import org.busbar.device.DeviceId;
import org.busbar.pci.Bar;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.testkit.TestContext;

/**
 * An SSD that has completed every command by the time its doorbell has been written, and moves no data: what is left is
 * what the driver costs, and a load and two stores per command.
 */
final class InstantDevice implements Bar, AutoCloseable {

    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
    private static final long SQ_DOORBELL = 0x1008;
    private static final int COMPLETIONS = 64;
    private static final int MAX_TRANSFER = 1 << 19;

    private final Arena arena = Arena.ofShared();
    private final Dma memory = new Dma() {
        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public DmaBuffer allocate(long bytes) {
            return new Buffer(arena.allocate(bytes, 4096));
        }
    };
    private final int entries;
    private final MemorySegment submission;
    private final MemorySegment completion;
    private int head;
    private int tail;
    private int phase = 1;

    private final NvmeQueue queue;

    private record Buffer(MemorySegment memory) implements DmaBuffer {
        @Override
        public long address() {
            return memory.address();
        }

        @Override
        public long size() {
            return memory.byteSize();
        }

        @Override
        public void close() {}
    }

    InstantDevice(int depth) {
        entries = depth + 1;
        submission = arena.allocate((long) entries * QueuePair.SQE, 4096);
        completion = arena.allocate(COMPLETIONS * QueuePair.CQE, 4096);
        Gate gate = new Gate("instant");
        Health health = new Health(new TestContext(new DeviceId("pci", "instant", 1)), new Registers(this));
        QueuePair pair = new QueuePair(
                1,
                entries,
                COMPLETIONS,
                new Buffer(submission),
                new Buffer(completion),
                new Doorbell(this, SQ_DOORBELL),
                new Doorbell(this, SQ_DOORBELL + 4),
                new Identifiers(depth));
        Buffer lists = new Buffer(arena.allocate(depth * PrpLists.listBytes(MAX_TRANSFER), 4096));
        Watch watch = new Watch(1, pair.slots(), TimeUnit.SECONDS.toNanos(30), (id, command) -> true, health);
        CommandQueue commands =
                new CommandQueue(pair, new DataPointers(lists, MAX_TRANSFER, false), gate, health, watch);
        MemorySegment page = arena.allocate(4096, 8);
        page.set(ValueLayout.JAVA_LONG, 0, 1 << 20);
        page.set(ValueLayout.JAVA_INT, 128, 12 << 16);
        NamespaceInfo namespace = new NamespaceInfo(
                NamespacePage.parse(1, new Fields(page), null), CopyLimits.parse(page));
        queue = new NvmeQueue(
                "instant",
                namespace,
                new BlockFeatures(java.util.Set.of(), BlockMetadata.NONE, 0, MAX_TRANSFER >> 12),
                namespace.copyLimits(),
                commands,
                new Waiter(new Signal(Optional::empty), QueueOptions.Waiting.POLL, false),
                new Buffers(memory),
                (closing, deadline) -> true);
    }

    NvmeQueue queue() {
        return queue;
    }

    @Override
    public void write32(long offset, int value) {
        if (offset != SQ_DOORBELL) {
            return;
        }
        while (head != value) {
            int identifier = submission.get(ValueLayout.JAVA_INT, (long) head * QueuePair.SQE) >>> 16;
            head = head + 1 == entries ? 0 : head + 1;
            completion.set(ValueLayout.JAVA_INT, (long) tail * QueuePair.CQE + 8, 1 << 16 | head);
            INT.setRelease(completion, (long) tail * QueuePair.CQE + 12, phase << 16 | identifier);
            tail++;
            if (tail == COMPLETIONS) {
                tail = 0;
                phase ^= 1;
            }
        }
    }

    @Override
    public long size() {
        return 0x2000;
    }

    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public int read8(long offset) {
        return 0;
    }

    @Override
    public int read16(long offset) {
        return 0;
    }

    @Override
    public int read32(long offset) {
        return 1;
    }

    @Override
    public long read64(long offset) {
        return 0x20_0000_ffffL;
    }

    @Override
    public void write8(long offset, int value) {}

    @Override
    public void write16(long offset, int value) {}

    @Override
    public void write64(long offset, long value) {}

    @Override
    public void close() {
        arena.close();
    }
}
