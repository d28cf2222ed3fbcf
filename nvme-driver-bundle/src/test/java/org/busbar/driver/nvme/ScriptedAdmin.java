package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceId;
import org.busbar.nvme.NvmeCommand;
import org.busbar.testkit.RegisterBar;
import org.busbar.testkit.TestContext;
import org.busbar.testkit.TestDma;

/**
 * A controller without a thread of its own that knows queues only: it answers an admin command at once, in the thread that
 * rings for it, and has it happen there what the test wants to happen meanwhile.
 */
final class ScriptedAdmin implements AutoCloseable, OpenQueues.Resets {

    /** The answer that never comes. */
    static final int NOTHING = -1;

    static final int INVALID_QUEUE = 0x101;
    private static final int RINGS = 2;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    /** Identifiers of the queues that the controller has. */
    final Set<Integer> submissions = new TreeSet<>();

    final Set<Integer> completions = new TreeSet<>();
    /** What is answered instead, by opcode; each once. */
    final Map<Integer, Integer> answers = new HashMap<>();
    /** What is answered otherwise, by opcode. */
    final Map<Integer, Integer> ways = new HashMap<>();
    /** How many commands there were, by opcode. */
    final Map<Integer, Integer> commands = new HashMap<>();
    /** What happens once such a command was carried out, by opcode; each once. */
    final Map<Integer, Runnable> meanwhile = new HashMap<>();

    private final AtomicInteger written = new AtomicInteger();
    final AtomicLong begun = new AtomicLong();
    final TestContext context = new TestContext(new DeviceId("pci", "0000:01:00.0", 1));
    final Gate gate = new Gate("0000:01:00.0");
    final IoQueues queues;
    final OpenQueues open;
    /** Runs while somebody waits for the end of a reset. */
    Runnable whenAwaited = () -> {};

    private final TestDma dma = new TestDma();
    private final QueuePair rings;
    final AdminQueue admin;
    final Health health;
    private boolean enabled = true;
    private int head;
    private int tail;
    private int phase = 1;

    ScriptedAdmin(int granted, long commandMillis) throws Exception {
        Registers registers = new Registers(new Register());
        health = new Health(context, registers);
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
            MemorySegment entry = dma.memory(rings.submissionAddress())
                    .asSlice((long) head * QueuePair.SQE, QueuePair.SQE);
            int first = entry.get(ValueLayout.JAVA_INT, 0);
            int opcode = first & 0xff;
            head = (head + 1) % AdminQueue.ENTRIES;
            commands.merge(opcode, 1, Integer::sum);
            Integer other = answers.getOrDefault(opcode, ways.get(opcode));
            answers.remove(opcode);
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
        MemorySegment ring = dma.memory(rings.completionAddress());
        long at = (long) tail * QueuePair.CQE;
        ring.set(ValueLayout.JAVA_INT, at + 8, head);
        INT.setRelease(ring, at + 12, identifier | (status << 1 | phase) << 16);
        tail = (tail + 1) % AdminQueue.ENTRIES;
        phase ^= tail == 0 ? 1 : 0;
    }

    /** How many buffers there are besides the admin queue's rings. */
    int allocated() {
        return dma.allocated() - RINGS;
    }

    @Override
    public void close() {
        dma.close();
    }

    /** Registers of a controller that is well; the admin queue's doorbell. */
    private final class Register extends RegisterBar {

        Register() {
            super(0x2000);
        }

        @Override
        public int read32(long offset) {
            return switch ((int) offset) {
                case 0 -> 0xffff; // CAP.MQES
                case 4 -> 0x20; // CAP.CSS
                default -> 1;
            };
        }

        @Override
        public void write32(long offset, int value) {
            written.incrementAndGet();
            if (offset == 0x1000) {
                carryOut(value);
            }
        }
    }
}
