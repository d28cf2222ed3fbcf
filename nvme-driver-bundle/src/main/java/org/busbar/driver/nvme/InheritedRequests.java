package org.busbar.driver.nvme;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.busbar.nvme.NvmeCompletion;
import org.jspecify.annotations.Nullable;

/**
 * The Asynchronous Event Requests that a predecessor has left with the controller. What completes before there is somebody to
 * take it is kept for him. Thread-safe.
 */
final class InheritedRequests {

    // Guarded by this.
    private final List<NvmeCompletion> early = new ArrayList<>();
    private @Nullable Consumer<NvmeCompletion> taker;
    private int count;

    /** There is one more of them. */
    synchronized void add() {
        count++;
    }

    /** How many there were. */
    synchronized int count() {
        return count;
    }

    /** One has completed. Called by whoever polls the admin queue. */
    void completed(NvmeCompletion completion) {
        Consumer<NvmeCompletion> current;
        synchronized (this) {
            current = taker;
            if (current == null) {
                early.add(completion);
                return;
            }
        }
        current.accept(completion);
    }

    /** Has those that have completed, and those that will, given to somebody. */
    void attach(Consumer<NvmeCompletion> first) {
        List<NvmeCompletion> waiting;
        synchronized (this) {
            taker = first;
            waiting = List.copyOf(early);
            early.clear();
        }
        waiting.forEach(first);
    }
}
