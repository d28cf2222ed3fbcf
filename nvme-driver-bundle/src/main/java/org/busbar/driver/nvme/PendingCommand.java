package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.busbar.nvme.NvmeCompletion;
import org.jspecify.annotations.Nullable;

/** A command in flight in an {@link AdminQueue}. Guarded by its lock, but for the completion, which is set once. */
final class PendingCommand {

    final String what;
    final @Nullable Transfer transfer;
    final long prp1;
    final @Nullable Consumer<NvmeCompletion> listener;
    final long overdueAt;
    boolean abandoned;
    long abortedAt;
    volatile @Nullable NvmeCompletion completion;

    /**
     * @param transfer its data, if it has any
     * @param prp1 PRP entry 1
     * @param listener told of its completion, if nobody waits
     */
    PendingCommand(
            String what,
            @Nullable Transfer transfer,
            long prp1,
            @Nullable Consumer<NvmeCompletion> listener,
            long overdueAt) {
        this.what = what;
        this.transfer = transfer;
        this.prp1 = prp1;
        this.listener = listener;
        this.overdueAt = overdueAt;
    }

    long prp2() {
        return transfer == null ? 0 : transfer.prp2();
    }

    /**
     * Whether nothing but a reset helps one that is overdue. One that was not aborted yet waits for its turn, as long as
     * others are.
     *
     * @param patience how long an Abort may take, and how long the queue may go without one
     */
    boolean isHopeless(long now, long patience, long lastAbort) {
        return abortedAt != 0
                ? now - abortedAt > patience
                : now - overdueAt > patience && now - lastAbort > patience;
    }

    /** Says that it is hopeless. */
    String unanswered(long patience) {
        return what + " was not answered within " + TimeUnit.NANOSECONDS.toMillis(patience) + " ms, and "
                + (abortedAt == 0 ? "no Abort could be sent" : "to abort it did not help");
    }

    /** Returns the memory of its data. The controller must not use it any more. */
    void release() {
        if (transfer != null) {
            transfer.close();
        }
    }
}
