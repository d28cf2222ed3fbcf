package org.busbar.emulator.internal.nvme;

import java.util.PriorityQueue;
import java.util.function.IntConsumer;
import org.busbar.emulator.internal.model.DmaPort;
import org.jspecify.annotations.Nullable;

/** The queues that exist, and the way of completions into them. */
final class Queues {

    private final NvmeRegisters registers;
    private final DmaPort dma;
    private final IntConsumer raise;
    private final @Nullable SubmissionQueue[] submissions = new @Nullable SubmissionQueue[NvmeRegisters.QUEUES];
    private final @Nullable CompletionQueue[] completions = new @Nullable CompletionQueue[NvmeRegisters.QUEUES];
    private final PriorityQueue<Held> held = new PriorityQueue<>();
    /** Completion queues with entries that nobody was told of. */
    private long unannounced;

    private boolean broken;

    Queues(NvmeRegisters registers, DmaPort dma, IntConsumer raise) {
        this.registers = registers;
        this.dma = dma;
        this.raise = raise;
    }

    @Nullable
    SubmissionQueue submission(int id) {
        return id >= 0 && id < NvmeRegisters.QUEUES ? submissions[id] : null;
    }

    @Nullable
    CompletionQueue completion(int id) {
        return id >= 0 && id < NvmeRegisters.QUEUES ? completions[id] : null;
    }

    /** Returns whether there are any I/O queues. */
    boolean anyIo() {
        for (int id = 1; id < NvmeRegisters.QUEUES; id++) {
            if (submissions[id] != null || completions[id] != null) {
                return true;
            }
        }
        return false;
    }

    CompletionQueue createCompletion(int id, long base, int size, int vector, boolean interrupts) {
        CompletionQueue queue = new CompletionQueue(id, base, size, vector, interrupts);
        completions[id] = queue;
        registers.openCompletion(id, size);
        return queue;
    }

    void createSubmission(int id, long base, int size, CompletionQueue queue) {
        submissions[id] = new SubmissionQueue(id, base, size, queue);
        queue.addUser();
        registers.openSubmission(id, size);
    }

    /** Deletes a submission queue; commands that are held back end with {@code Command Aborted due to SQ Deletion}. */
    void deleteSubmission(SubmissionQueue queue) {
        for (Held entry : held.toArray(Held[]::new)) {
            if (entry.queue == queue) {
                held.remove(entry);
                if (hasRoom(queue)) {
                    post(queue, entry.command, Status.ABORTED_SQ_DELETION, 0);
                }
            }
        }
        registers.closeSubmission(queue.id());
        submissions[queue.id()] = null;
        queue.completions().removeUser();
    }

    void deleteCompletion(CompletionQueue queue) {
        registers.closeCompletion(queue.id());
        completions[queue.id()] = null;
    }

    /** Forgets all queues. */
    void clear() {
        for (int id = 0; id < NvmeRegisters.QUEUES; id++) {
            registers.closeSubmission(id);
            registers.closeCompletion(id);
            submissions[id] = null;
            completions[id] = null;
        }
        held.clear();
        unannounced = 0;
        broken = false;
        registers.clearDoorbells();
    }

    /** Returns whether the completion queue of a submission queue has room; if not, it is rung when there may be. */
    boolean hasRoomOrStalls(SubmissionQueue queue) {
        if (hasRoom(queue)) {
            return true;
        }
        registers.stall(1L << queue.id());
        // The driver may have made room before it could see that anybody waits.
        return hasRoom(queue);
    }

    boolean hasRoom(SubmissionQueue queue) {
        CompletionQueue to = queue.completions();
        return !to.full(registers.head(to.id()));
    }

    /** Posts a completion; there is room. */
    void post(SubmissionQueue queue, int command, int status, int result) {
        CompletionQueue to = queue.completions();
        if (to.post(dma, queue, command, status, result)) {
            unannounced |= 1L << to.id();
        } else {
            broken = true;
        }
    }

    /** Posts a completion later. */
    void hold(SubmissionQueue queue, int command, int status, int result, long due) {
        held.add(new Held(queue, command, status, result, due));
    }

    /** Takes back a command that is held back; returns whether there was one. It ends with {@code status}. */
    boolean abort(int queue, int command, int status) {
        for (Held entry : held) {
            if (entry.queue.id() == queue && entry.command == command) {
                held.remove(entry);
                held.add(new Held(entry.queue, command, status, 0, System.nanoTime()));
                return true;
            }
        }
        return false;
    }

    /** Posts what is due; returns in how many nanoseconds something else will be, or {@code Long.MAX_VALUE}. */
    long postHeld() {
        while (!held.isEmpty()) {
            Held next = held.peek();
            long left = next.due - System.nanoTime();
            if (left > 0) {
                return left;
            }
            if (!hasRoom(next.queue)) {
                registers.stall(NvmeRegisters.HELD_BACK);
                if (!hasRoom(next.queue)) {
                    return Long.MAX_VALUE;
                }
            }
            held.remove();
            post(next.queue, next.command, next.status, next.result);
        }
        return Long.MAX_VALUE;
    }

    /** Raises the interrupts of queues that have got entries (section 7.5). */
    void announce() {
        long news = unannounced;
        unannounced = 0;
        while (news != 0) {
            CompletionQueue queue = completions[Long.numberOfTrailingZeros(news)];
            if (queue != null && queue.interrupts()) {
                raise.accept(queue.vector());
            }
            news &= news - 1;
        }
    }

    /** Returns whether a completion could not be written to memory. */
    boolean broken() {
        return broken;
    }

    /** A completion that comes later. */
    private record Held(SubmissionQueue queue, int command, int status, int result, long due)
            implements
                Comparable<Held> {

        @Override
        public int compareTo(Held other) {
            return Long.signum(due - other.due);
        }
    }
}
