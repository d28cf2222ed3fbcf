package org.busbar.emulator.internal.nvme;

import java.util.PriorityQueue;
import org.busbar.emulator.internal.model.DmaPort;
import org.jspecify.annotations.Nullable;

/** The queues that exist, and the way of completions into them. */
final class Queues {

    private final Doorbells doorbells;
    private final ShadowDoorbells shadows;
    private final DmaPort dma;
    private final Coalescing interrupts;
    private final @Nullable SubmissionQueue[] submissions = new @Nullable SubmissionQueue[Doorbells.QUEUES];
    private final @Nullable CompletionQueue[] completions = new @Nullable CompletionQueue[Doorbells.QUEUES];
    private final PriorityQueue<Held> held = new PriorityQueue<>();
    private final Completion own = new Completion();

    private boolean broken;

    Queues(Doorbells doorbells, ShadowDoorbells shadows, DmaPort dma, Coalescing interrupts) {
        this.doorbells = doorbells;
        this.shadows = shadows;
        this.dma = dma;
        this.interrupts = interrupts;
    }

    @Nullable
    SubmissionQueue submission(int id) {
        return id >= 0 && id < Doorbells.QUEUES ? submissions[id] : null;
    }

    @Nullable
    CompletionQueue completion(int id) {
        return id >= 0 && id < Doorbells.QUEUES ? completions[id] : null;
    }

    /** Returns whether there are any I/O queues. */
    boolean anyIo() {
        for (int id = 1; id < Doorbells.QUEUES; id++) {
            if (submissions[id] != null || completions[id] != null) {
                return true;
            }
        }
        return false;
    }

    CompletionQueue createCompletion(int id, long base, int size, int vector, boolean interrupts) {
        CompletionQueue queue = new CompletionQueue(id, base, size, vector, interrupts);
        completions[id] = queue;
        doorbells.openCompletion(id, size);
        return queue;
    }

    void createSubmission(int id, long base, int size, CompletionQueue queue) {
        submissions[id] = new SubmissionQueue(id, base, size, queue);
        queue.addUser();
        doorbells.openSubmission(id, size);
    }

    /** Deletes a submission queue; commands that are held back end with {@code Command Aborted due to SQ Deletion}. */
    void deleteSubmission(SubmissionQueue queue) {
        for (Held entry : held.toArray(Held[]::new)) {
            if (entry.queue == queue) {
                held.remove(entry);
                if (hasRoom(queue)) {
                    post(queue, own.of(entry.completion.command, Status.ABORTED_SQ_DELETION, 0));
                }
            }
        }
        doorbells.closeSubmission(queue.id());
        shadows.forget(queue.id());
        submissions[queue.id()] = null;
        queue.completions().removeUser();
    }

    void deleteCompletion(CompletionQueue queue) {
        doorbells.closeCompletion(queue.id());
        completions[queue.id()] = null;
    }

    /** Forgets all queues. */
    void clear() {
        for (int id = 0; id < Doorbells.QUEUES; id++) {
            doorbells.closeSubmission(id);
            doorbells.closeCompletion(id);
            submissions[id] = null;
            completions[id] = null;
        }
        held.clear();
        broken = false;
        interrupts.clear();
        shadows.clear();
        doorbells.clear();
    }

    /** Returns whether there is a command in a queue that was not fetched. */
    boolean hasCommand(SubmissionQueue queue) {
        return queue.head() != doorbells.tail(queue.id()) || shadows.findsCommands(queue);
    }

    /** Returns whether a queue without commands is to be looked at again at once. */
    boolean lingers(int id) {
        return shadows.lingers(id);
    }

    /** Returns whether the completion queue of a submission queue has room; if not, it is rung when there may be. */
    boolean hasRoomOrStalls(SubmissionQueue queue) {
        if (hasRoom(queue)) {
            return true;
        }
        doorbells.stall(1L << queue.id());
        // The driver may have made room before it could see that anybody waits.
        return hasRoom(queue);
    }

    boolean hasRoom(SubmissionQueue queue) {
        CompletionQueue to = queue.completions();
        if (!to.full(doorbells.head(to.id()))) {
            return true;
        }
        return shadows.findsRoom(to) && !to.full(doorbells.head(to.id()));
    }

    /** Posts a completion of a command that went well, at once; there is room. */
    void post(SubmissionQueue queue, int command, int result) {
        post(queue, own.of(command, Status.SUCCESS, result));
    }

    /** Posts a completion when and as often as it says; there is room for one. */
    void complete(SubmissionQueue queue, Completion completion) {
        if (completion.delay > 0) {
            long due = completion.delay == Completion.NEVER ? Held.NEVER : System.nanoTime() + completion.delay;
            held.add(new Held(queue, new Completion().of(completion), due));
            return;
        }
        for (int i = 0; i < completion.copies; i++) {
            if (i == 0 || hasRoom(queue)) {
                post(queue, completion);
            }
        }
    }

    private void post(SubmissionQueue queue, Completion completion) {
        CompletionQueue to = queue.completions();
        if (!to.post(dma, queue, completion)) {
            broken = true;
        } else if (to.interrupts()) {
            interrupts.posted(to.vector());
        }
    }

    /** Has a command that the device keeps end now, though not before the one that is being carried out. */
    void end(SubmissionQueue queue, int command, int status) {
        held.add(new Held(queue, new Completion().of(command, status, 0), System.nanoTime()));
    }

    /** Takes back a command that is held back; returns whether there was one. It ends with {@code status}. */
    boolean abort(int queue, int command, int status) {
        for (Held entry : held) {
            if (entry.queue.id() == queue && entry.completion.command == command) {
                held.remove(entry);
                end(entry.queue, command, status);
                return true;
            }
        }
        return false;
    }

    /** Posts what is due; returns in how many nanoseconds something else will be, or {@code Long.MAX_VALUE}. */
    long postHeld() {
        while (!held.isEmpty()) {
            Held next = held.peek();
            if (next.due == Held.NEVER) {
                return Long.MAX_VALUE;
            }
            long left = next.due - System.nanoTime();
            if (left > 0) {
                return left;
            }
            if (!hasRoom(next.queue)) {
                doorbells.stall(Doorbells.HELD_BACK);
                if (!hasRoom(next.queue)) {
                    return Long.MAX_VALUE;
                }
            }
            held.remove();
            next.completion.delay = 0;
            complete(next.queue, next.completion);
        }
        return Long.MAX_VALUE;
    }

    /** Returns whether a completion could not be written to memory. */
    boolean broken() {
        return broken;
    }

    /** A completion that comes later, or never unless its command is aborted. */
    private record Held(SubmissionQueue queue, Completion completion, long due) implements Comparable<Held> {

        private static final long NEVER = Long.MAX_VALUE;

        @Override
        public int compareTo(Held other) {
            if (due == NEVER || other.due == NEVER) {
                return Boolean.compare(due == NEVER, other.due == NEVER);
            }
            return Long.signum(due - other.due);
        }
    }
}
