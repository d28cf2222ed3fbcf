package org.busbar.driver.nvme;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceId;
import org.busbar.pci.DmaBuffer;
import org.busbar.testkit.RegisterBar;
import org.busbar.testkit.TestContext;
import org.busbar.testkit.TestDma;

/**
 * The far side of one queue, without a thread of its own: the test says what it fetches and completes, and may have it
 * write whatever it likes into the completion ring.
 */
final class FakeController implements AutoCloseable {

    static final int QUEUE = 1;
    private static final long SQ_DOORBELL = 0x1008;
    private static final long CQ_DOORBELL = 0x100c;
    private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();

    final TestContext context = new TestContext(new DeviceId("pci", "0000:01:00.0", 1));
    final Gate gate = new Gate("0000:01:00.0");
    final List<Integer> aborted = new ArrayList<>();
    final Health health;
    final CommandQueue commands;

    private final TestDma dma = new TestDma();
    private final int entries;
    private final int completionEntries;
    private final Deque<Integer> fetched = new ArrayDeque<>();
    private DmaBuffer submission;
    private DmaBuffer completion;
    private int rung;
    private int acknowledged;
    private int head;
    private int tail;
    private int phase;

    FakeController(int depth, long timeoutMillis) {
        entries = depth + 1;
        completionEntries = entries + 3;
        health = new Health(context, new Registers(new Register()));
        submission = dma.allocate((long) entries * QueuePair.SQE);
        completion = dma.allocate((long) completionEntries * QueuePair.CQE);
        QueuePair pair = newPair(new Identifiers(depth));
        DataPointers pointers = new DataPointers(
                dma.allocate(depth * PrpLists.listBytes(1 << 17)), 1 << 17, true);
        Watch watch = new Watch(
                QUEUE,
                pair.slots(),
                TimeUnit.MILLISECONDS.toNanos(timeoutMillis),
                (queue, identifier) -> aborted.add(identifier),
                health);
        commands = new CommandQueue(pair, pointers, gate, health, watch);
    }

    private QueuePair newPair(Identifiers slots) {
        rung = 0;
        acknowledged = 0;
        head = 0;
        tail = 0;
        phase = 1;
        fetched.clear();
        Register register = new Register();
        return new QueuePair(
                QUEUE,
                entries,
                completionEntries,
                submission,
                completion,
                new Doorbell(register, SQ_DOORBELL),
                new Doorbell(register, CQ_DOORBELL),
                slots);
    }

    /** Does what the driver does for a reset, except that the queue's owner has yet to notice. */
    void reset() {
        gate.pause();
        renew();
        gate.resume();
    }

    /** The part of a reset in the middle. */
    void renew() {
        if (!commands.handover().isStill()) {
            throw new AssertionError("the owner is this very thread; it cannot be in there");
        }
        submission = dma.allocate((long) entries * QueuePair.SQE);
        completion = dma.allocate((long) completionEntries * QueuePair.CQE);
        commands.handover().renew(newPair(commands.pair().slots()));
    }

    /** Fetches what was rung for; returns how many commands it has now that it has not completed. */
    int fetch() {
        while (head != rung) {
            long word = submission.memory().get(ValueLayout.JAVA_INT, (long) head * QueuePair.SQE);
            fetched.add((int) word >>> 16);
            head = head + 1 == entries ? 0 : head + 1;
        }
        return fetched.size();
    }

    /** Takes a command out of those fetched; returns its identifier. */
    int take(int index) {
        List<Integer> all = new ArrayList<>(fetched);
        int identifier = all.remove(index);
        fetched.clear();
        fetched.addAll(all);
        return identifier;
    }

    /** Whether a completion may be posted without overwriting one that was not taken. */
    boolean hasRoom() {
        return (tail + 1) % completionEntries != acknowledged;
    }

    /** Posts a completion as it should be. */
    void complete(int identifier, int status) {
        post(identifier, status, QUEUE << 16 | head, phase);
        tail++;
        if (tail == completionEntries) {
            tail = 0;
            phase ^= 1;
        }
    }

    /** Writes a completion entry at the tail. */
    void post(int identifier, int status, int queueAndHead, int phaseBit) {
        write(tail, identifier | (status << 1 | phaseBit) << 16, queueAndHead);
    }

    /** Writes a completion entry anywhere. */
    void write(int entry, int lastWord, int queueAndHead) {
        long at = (long) entry * QueuePair.CQE;
        completion.memory().set(ValueLayout.JAVA_INT, at + 8, queueAndHead);
        INT.setRelease(completion.memory(), at + 12, lastWord);
    }

    int completionEntries() {
        return completionEntries;
    }

    @Override
    public void close() {
        dma.close();
    }

    /** Doorbells that are remembered, and registers of a controller that is well. */
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
            if (!gate.mayRing()) {
                throw new AssertionError("a doorbell was touched during a reset");
            }
            if (offset == SQ_DOORBELL) {
                rung = value;
            } else if (offset == CQ_DOORBELL) {
                acknowledged = value;
            } else {
                throw new AssertionError("no doorbell of this queue: " + offset);
            }
        }
    }
}
