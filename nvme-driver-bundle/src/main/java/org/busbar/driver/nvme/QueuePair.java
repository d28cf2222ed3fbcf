package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;

/**
 * A submission queue and its completion queue (NVMe Base 1.4, section 4.1), and the identifiers of the commands in
 * flight. For one thread at a time; allocates nothing after construction.
 */
final class QueuePair {

    /** Bytes per submission queue entry (4.2). */
    static final int SQE = 64;

    /** Bytes per completion queue entry (4.6). */
    static final int CQE = 16;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle INT_AT = INT.varHandle();
    private static final VarHandle FREE_COUNT;

    static {
        try {
            FREE_COUNT = MethodHandles.lookup().findVarHandle(QueuePair.class, "freeCount", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final int id;
    private final int entries;
    private final DmaBuffer submission;
    private final DmaBuffer completion;
    private final MemorySegment sq;
    private final MemorySegment cq;
    private final Bar bar;
    private final long sqDoorbell;
    private final long cqDoorbell;

    private final int[] free;
    private final boolean[] busy;
    private int freeCount;

    private int tail;
    private int rungTail;
    private int head;
    private int phase = 1;

    private int cid;
    private int status;
    private int result;

    /**
     * @param id queue identifier, 0 for the admin queues
     * @param entries size of both rings; one fewer commands can be in flight, since a full ring would look empty (4.1.2)
     */
    QueuePair(int id, int entries, DmaBuffer submission, DmaBuffer completion, Registers registers) {
        this.id = id;
        this.entries = entries;
        this.submission = submission;
        this.completion = completion;
        this.sq = submission.memory();
        this.cq = completion.memory();
        this.bar = registers.bar();
        this.sqDoorbell = registers.submissionDoorbell(id);
        this.cqDoorbell = registers.completionDoorbell(id);
        this.freeCount = entries - 1;
        this.free = new int[freeCount];
        this.busy = new boolean[freeCount];
        for (int i = 0; i < freeCount; i++) {
            free[i] = freeCount - 1 - i;
        }
    }

    int id() {
        return id;
    }

    int entries() {
        return entries;
    }

    /** How many commands can be in flight. */
    int depth() {
        return free.length;
    }

    /**
     * How many commands are taken. Any thread may ask: an opaque load is not hoisted out of a loop that waits for the
     * owner, and nothing else is concluded from it.
     */
    int inFlight() {
        return free.length - (int) FREE_COUNT.getOpaque(this);
    }

    long submissionAddress() {
        return submission.address();
    }

    long completionAddress() {
        return completion.address();
    }

    /** Takes a free command identifier, 0 to {@link #depth} less 1, or gives -1 if all are in flight. */
    int take() {
        if (freeCount == 0) {
            return -1;
        }
        int cid = free[--freeCount];
        busy[cid] = true;
        return cid;
    }

    /** Gives an identifier back: after its completion, or before it was written. */
    void give(int cid) {
        busy[cid] = false;
        free[freeCount++] = cid;
    }

    /** Whether this is the identifier of a command in flight. */
    boolean isTaken(int cid) {
        return cid < busy.length && busy[cid];
    }

    /** Writes a command into the next entry (4.2, figure 104). The device sees it after {@link #ring}. */
    void write(int cid, int opcode, int nsid, long prp1, long prp2, long cdw10and11, int cdw12) {
        long at = (long) tail * SQE;
        sq.set(INT, at, cid << 16 | opcode);
        sq.set(INT, at + 4, nsid);
        sq.set(LONG, at + 8, 0);
        sq.set(LONG, at + 16, 0);
        sq.set(LONG, at + 24, prp1);
        sq.set(LONG, at + 32, prp2);
        sq.set(LONG, at + 40, cdw10and11);
        sq.set(LONG, at + 48, cdw12 & 0xffff_ffffL);
        sq.set(LONG, at + 56, 0);
        tail = tail + 1 == entries ? 0 : tail + 1;
    }

    /** Tells the device of all that was written. The register write is a release store, so it sees the entries whole. */
    void ring() {
        if (tail != rungTail) {
            rungTail = tail;
            bar.write32(sqDoorbell, tail);
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
        cid = last & 0xffff;
        status = last >>> 17;
        result = cq.get(INT, at);
        head++;
        if (head == entries) {
            head = 0;
            phase ^= 1;
        }
        return true;
    }

    /** The command that the completion last taken is for, as the device says: it may be none that is in flight. */
    int cid() {
        return cid;
    }

    /** The status field without phase tag (4.6.1): 0 is success. */
    int status() {
        return status;
    }

    /** The first word of the completion, command specific. */
    int result() {
        return result;
    }

    /** Tells the device how far completions have been taken, so that it may use their entries again. */
    void acknowledge() {
        bar.write32(cqDoorbell, head);
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
