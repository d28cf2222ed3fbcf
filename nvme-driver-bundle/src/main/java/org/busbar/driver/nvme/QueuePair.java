package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.function.IntConsumer;
import org.busbar.nvme.NvmeCommand;
import org.busbar.pci.DmaBuffer;

/**
 * A submission queue and its completion queue (NVMe Base 1.4, section 4.1), and the slots of the commands in flight. For
 * one thread at a time; allocates nothing after construction.
 */
final class QueuePair {

    /** Bytes per submission queue entry (4.2). */
    static final int SQE = 64;

    /** Bytes per completion queue entry (4.6). */
    static final int CQE = 16;

    /** Words of 64 bits in a submission queue entry. */
    static final int WORDS = SQE / Long.BYTES;

    /** The bits of a command's first word in which its identifier goes. */
    private static final long IDENTIFIER = 0xffff_0000L;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle INT_AT = INT.varHandle();

    private final int id;
    private final int entries;
    private final int completionEntries;
    private final DmaBuffer submission;
    private final DmaBuffer completion;
    private final MemorySegment sq;
    private final MemorySegment cq;
    private final Doorbell sqDoorbell;
    private final Doorbell cqDoorbell;
    private Identifiers slots;

    private int tail;
    private int rungTail;
    private int head;
    private int rungHead;
    private int phase = 1;

    private int identifier;
    private int queueAndHead;
    private int status;
    private long result;

    /** The admin queues, and others whose rings have the same size. */
    QueuePair(int id, int entries, DmaBuffer submission, DmaBuffer completion, Registers registers) {
        this(
                id,
                entries,
                entries,
                submission,
                completion,
                new Doorbell(registers.bar(), registers.submissionDoorbell(id)),
                new Doorbell(registers.bar(), registers.completionDoorbell(id)),
                new Identifiers(entries - 1));
    }

    /**
     * @param id queue identifier, 0 for the admin queues
     * @param entries size of the submission ring; one fewer commands can be in flight, since a full ring would look empty
     *     (4.1.2)
     * @param completionEntries size of the completion ring, at least as large. The larger, the less often it has to be
     *     acknowledged
     * @param slots of the commands in flight, {@code entries - 1}
     */
    QueuePair(
            int id,
            int entries,
            int completionEntries,
            DmaBuffer submission,
            DmaBuffer completion,
            Doorbell sqDoorbell,
            Doorbell cqDoorbell,
            Identifiers slots) {
        this.id = id;
        this.entries = entries;
        this.completionEntries = completionEntries;
        this.submission = submission;
        this.completion = completion;
        this.sq = submission.memory();
        this.cq = completion.memory();
        this.sqDoorbell = sqDoorbell;
        this.cqDoorbell = cqDoorbell;
        this.slots = slots;
    }

    int id() {
        return id;
    }

    int entries() {
        return entries;
    }

    int completionEntries() {
        return completionEntries;
    }

    Identifiers slots() {
        return slots;
    }

    /** How many commands can be in flight. */
    int depth() {
        return slots.slots();
    }

    /** How many commands are taken. Any thread may ask. */
    int inFlight() {
        return slots.taken();
    }

    long submissionAddress() {
        return submission.address();
    }

    long completionAddress() {
        return completion.address();
    }

    /** Takes a free slot, 0 to {@link #depth} less 1, or gives -1 if all are in flight. */
    int take() {
        return slots.take();
    }

    /** Gives a slot back: after its completion, or before it was written. */
    void give(int slot) {
        slots.give(slot);
    }

    /** Whether this is the slot of a command in flight. */
    boolean isTaken(int slot) {
        return slots.isTaken(slot);
    }

    /** Writes a command into the next entry (4.2, figure 104). The device sees it after {@link #ring}. */
    void write(int slot, int opcode, int nsid, long prp1, long prp2, long cdw10and11, int cdw12) {
        long at = (long) tail * SQE;
        sq.set(LONG, at, first(slot, (opcode & 0xffL) | (long) nsid << 32));
        sq.set(LONG, at + 8, 0);
        sq.set(LONG, at + 16, 0);
        sq.set(LONG, at + 24, prp1);
        sq.set(LONG, at + 32, prp2);
        sq.set(LONG, at + 40, cdw10and11);
        sq.set(LONG, at + 48, cdw12 & 0xffff_ffffL);
        sq.set(LONG, at + 56, 0);
        advance();
    }

    /** Writes any command into the next entry; otherwise as the other. */
    void write(int slot, NvmeCommand command, long prp1, long prp2) {
        long at = (long) tail * SQE;
        sq.set(LONG, at, first(slot, command.opcode() | (long) command.nsid() << 32));
        sq.set(INT, at + 8, command.dword2());
        sq.set(INT, at + 12, command.dword3());
        sq.set(LONG, at + 16, 0);
        sq.set(LONG, at + 24, prp1);
        sq.set(LONG, at + 32, prp2);
        sq.set(INT, at + 40, command.dword10());
        sq.set(INT, at + 44, command.dword11());
        sq.set(INT, at + 48, command.dword12());
        sq.set(INT, at + 52, command.dword13());
        sq.set(INT, at + 56, command.dword14());
        sq.set(INT, at + 60, command.dword15());
        advance();
    }

    /**
     * Writes a command into the next entry.
     *
     * @param words all of the entry but the identifier, {@link #WORDS} of them
     * @param from index of the first
     */
    void write(int slot, long[] words, int from) {
        long at = (long) tail * SQE;
        sq.set(LONG, at, first(slot, words[from]));
        for (int i = 1; i < WORDS; i++) {
            sq.set(LONG, at + 8L * i, words[from + i]);
        }
        advance();
    }

    private long first(int slot, long word) {
        return (word & ~IDENTIFIER) | (long) slots.of(slot) << 16;
    }

    private void advance() {
        tail = tail + 1 == entries ? 0 : tail + 1;
    }

    /** Names the slots of the commands that {@link #ring} would tell the device of. */
    void eachUnrung(IntConsumer slot) {
        for (int at = rungTail; at != tail; at = at + 1 == entries ? 0 : at + 1) {
            slot.accept(slotAt(at));
        }
    }

    /** Takes back the command that was written last, which the device has not been told of; returns its slot. */
    int takeBack() {
        tail = tail == 0 ? entries - 1 : tail - 1;
        return slotAt(tail);
    }

    private int slotAt(int entry) {
        return slots.slotOf(sq.get(INT, (long) entry * SQE) >>> 16);
    }

    /** Whether {@link #ring} would tell the device something. */
    boolean hasUnrung() {
        return tail != rungTail;
    }

    /** Tells the device of all that was written, so that it sees the entries whole. */
    void ring() {
        if (tail != rungTail) {
            rungTail = tail;
            sqDoorbell.ring(tail);
        }
    }

    /** Whether {@link #next} would take something. */
    boolean hasCompletion() {
        return phaseOf((int) INT_AT.getAcquire(cq, (long) head * CQE + 12)) == phase;
    }

    /**
     * Takes the next completion, if there is one; {@link #cid}, {@link #status} and {@link #result} then tell of it. The
     * acquire load of the entry's last word comes before those of the others, and of the data.
     *
     * @return whether there was one
     */
    boolean next() {
        long at = (long) head * CQE;
        int last = (int) INT_AT.getAcquire(cq, at + 12);
        if (phaseOf(last) != phase) {
            return false;
        }
        identifier = last & 0xffff;
        status = last >>> 17;
        queueAndHead = cq.get(INT, at + 8);
        result = cq.get(LONG, at);
        head++;
        if (head == completionEntries) {
            head = 0;
            phase ^= 1;
        }
        return true;
    }

    /** The slot of the command that the completion last taken is for; none that is taken if there is no such command. */
    int cid() {
        return slots.slotOf(identifier);
    }

    /** The identifier in the completion last taken, as the device gave it. */
    int identifier() {
        return identifier;
    }

    /** Whether the completion last taken names this queue, and a place in it up to which commands were fetched (4.6). */
    boolean isOfThisQueue() {
        return queueAndHead >>> 16 == id && (queueAndHead & 0xffff) < entries;
    }

    /** The status field without phase tag (4.6.1): 0 is success. */
    int status() {
        return status;
    }

    /** The first word of the completion, command specific. */
    int result() {
        return (int) result;
    }

    /** The first two words of the completion. */
    long result64() {
        return result;
    }

    /** Begins anew with empty rings, for a device that has been reset. Slots that are taken stay so. */
    void restart() {
        tail = 0;
        rungTail = 0;
        head = 0;
        rungHead = 0;
        phase = 1;
        sq.fill((byte) 0);
        cq.fill((byte) 0);
    }

    /** Returns where the rings stand, for somebody to go on with them. All must be rung and acknowledged. */
    RingState state() {
        return new RingState(entries, tail, head, phase, slots.identifiers(), slots.busy());
    }

    /** Goes on with rings that somebody else has used, from where he has stopped. Before anything else is done with it. */
    void resume(RingState state) {
        tail = state.tail();
        rungTail = tail;
        head = state.head();
        rungHead = head;
        phase = state.phase();
        slots = new Identifiers(state.identifiers(), state.taken());
    }

    /** Returns how many completions were taken that the device has not been told of. */
    int unacknowledged() {
        int ahead = head - rungHead;
        return ahead < 0 ? ahead + completionEntries : ahead;
    }

    /** Tells the device how far completions have been taken, so that it may use their entries again. */
    void acknowledge() {
        if (head != rungHead) {
            rungHead = head;
            cqDoorbell.ring(head);
        }
    }

    /** Returns the memory of the rings. The device must not use it any more. */
    void release() {
        submission.close();
        completion.close();
    }

    private static int phaseOf(int lastWord) {
        return lastWord >>> 16 & 1;
    }
}
