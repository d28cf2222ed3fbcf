package org.busbar.driver.nvme;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.busbar.nvme.NvmeCommand;
import org.busbar.pci.Bar;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.testkit.TestContext;

/**
 * A controller without a thread of its own that knows queues only: it answers an admin command at once, in the thread that
 * rings for it, and has it happen there what the test wants to happen meanwhile.
 */
final class ScriptedAdmin implements AutoCloseable, OpenQueues.Resets {

    /** The answer that never comes. */
    static final int NOTHING = -1;

    static final int INVALID_QUEUE = 0x101;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    /** Identifiers of the queues that the controller has. */
    final Set<Integer> submissions = new TreeSet<>();

    final Set<Integer> completions = new TreeSet<>();
    /** What is answered instead, by opcode; each once. */
    final Map<Integer, Integer> answers = new HashMap<>();
    /** What happens once such a command was carried out, by opcode; each once. */
    final Map<Integer, Runnable> meanwhile = new HashMap<>();

    final AtomicInteger allocated = new AtomicInteger();
    private final AtomicInteger written = new AtomicInteger();
    final AtomicLong begun = new AtomicLong();
    final TestContext context = new TestContext(new DeviceId("pci", "0000:01:00.0", 1));
    final Gate gate = new Gate("0000:01:00.0");
    final IoQueues queues;
    final OpenQueues open;
    /** Runs while somebody waits for the end of a reset. */
    Runnable whenAwaited = () -> {};

    private final Arena arena = Arena.ofShared();
    private final Map<Long, DmaBuffer> buffers = new ConcurrentHashMap<>();
    private final Dma dma = new Memory();
    private final QueuePair rings;
    private final AdminQueue admin;
    private boolean enabled = true;
    private int head;
    private int tail;
    private int phase = 1;

    ScriptedAdmin(int granted, long commandMillis) throws Exception {
        Registers registers = new Registers(new Register());
        Health health = new Health(context, registers);
        rings = new QueuePair(
                0,
                AdminQueue.ENTRIES,
                dma.allocate(AdminQueue.ENTRIES * QueuePair.SQE),
                dma.allocate(AdminQueue.ENTRIES * QueuePair.CQE),
                registers);
        admin = new AdminQueue(rings, dma, context, health, commandMillis);
        queues = new IoQueues(admin, registers, dma, granted, granted + 1);
        open = new OpenQueues(context, dma, health, queues, gate, false, 4096, commandMillis);
        open.follow(this);
        allocated.set(0);
    }

    CommandQueue open(Deadline deadline) throws Exception {
        return open.open(1, 4, () -> {}, 1_000_000_000L, deadline);
    }

    /** Returns how many registers are written if a queue is rung for twice. */
    int registersRung() throws Exception {
        CommandQueue queue = open(Deadline.afterMillis(20_000));
        int before = written.get();
        for (int tag = 0; tag < 2; tag++) {
            queue.prepare().plain(0, 1, 0, 0, 0, tag);
            queue.submit();
        }
        int after = written.get();
        open.close(queue, Deadline.afterMillis(10));
        return after - before;
    }

    /** The controller forgets everything. */
    void reset() {
        enable(false);
        admin.restart();
        enable(true);
        admin.post("Identify", NvmeCommand.of(Opcode.IDENTIFY, 0), AdminQueue.NEVER, completion -> {});
    }

    private synchronized void enable(boolean on) {
        enabled = on;
        submissions.clear();
        completions.clear();
        head = 0;
        tail = 0;
        phase = 1;
    }

    @Override
    public long awaitEnd(Deadline deadline) {
        Runnable now = whenAwaited;
        whenAwaited = () -> {};
        now.run();
        return begun.get();
    }

    @Override
    public long begun() {
        return begun.get();
    }

    private synchronized void carryOut(int rung) {
        while (enabled && head != rung) {
            MemorySegment entry = buffer(rings.submissionAddress()).memory()
                    .asSlice((long) head * QueuePair.SQE, QueuePair.SQE);
            int first = entry.get(ValueLayout.JAVA_INT, 0);
            int opcode = first & 0xff;
            head = (head + 1) % AdminQueue.ENTRIES;
            Integer other = answers.remove(opcode);
            int status = other != null ? other : carryOut(opcode, entry.get(ValueLayout.JAVA_INT, 40) & 0xffff);
            if (status != NOTHING) {
                complete(first >>> 16, status);
            }
            Runnable then = meanwhile.remove(opcode);
            if (then != null) {
                then.run();
            }
        }
    }

    private int carryOut(int opcode, int id) {
        boolean done =
                switch (opcode) {
                    case Opcode.CREATE_IO_CQ -> completions.add(id);
                    case Opcode.CREATE_IO_SQ -> completions.contains(id) && submissions.add(id);
                    case Opcode.DELETE_IO_SQ -> submissions.remove(id);
                    case Opcode.DELETE_IO_CQ -> !submissions.contains(id) && completions.remove(id);
                    default -> true;
                };
        return done ? 0 : INVALID_QUEUE;
    }

    private void complete(int identifier, int status) {
        MemorySegment ring = buffer(rings.completionAddress()).memory();
        long at = (long) tail * QueuePair.CQE;
        ring.set(ValueLayout.JAVA_INT, at + 8, head);
        INT.setRelease(ring, at + 12, identifier | (status << 1 | phase) << 16);
        tail = (tail + 1) % AdminQueue.ENTRIES;
        phase ^= tail == 0 ? 1 : 0;
    }

    private DmaBuffer buffer(long address) {
        return Objects.requireNonNull(buffers.get(address));
    }

    @Override
    public void close() {
        arena.close();
    }

    private final class Memory implements Dma {

        @Override
        public long pageSize() {
            return 4096;
        }

        @Override
        public DmaBuffer allocate(long bytes) {
            DmaBuffer buffer = new Buffer(arena.allocate(bytes, 4096));
            buffers.put(buffer.address(), buffer);
            allocated.incrementAndGet();
            return buffer;
        }
    }

    private final class Buffer implements DmaBuffer {

        private final MemorySegment memory;
        private boolean closed;

        Buffer(MemorySegment memory) {
            this.memory = memory;
        }

        @Override
        public MemorySegment memory() {
            return memory;
        }

        @Override
        public long address() {
            return memory.address();
        }

        @Override
        public long size() {
            return memory.byteSize();
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                allocated.decrementAndGet();
            }
        }
    }

    /** Registers of a controller that is well; the admin queue's doorbell. */
    private final class Register implements Bar {

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
            throw new AssertionError("registers have 32 bits or more");
        }

        @Override
        public int read16(long offset) {
            throw new AssertionError("registers have 32 bits or more");
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
        public void write8(long offset, int value) {
            throw new AssertionError("registers have 32 bits or more");
        }

        @Override
        public void write16(long offset, int value) {
            throw new AssertionError("registers have 32 bits or more");
        }

        @Override
        public void write32(long offset, int value) {
            written.incrementAndGet();
            if (offset == 0x1000) {
                carryOut(value);
            }
        }

        @Override
        public void write64(long offset, long value) {
            throw new AssertionError("doorbells have 32 bits");
        }
    }
}
