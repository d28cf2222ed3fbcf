package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.busbar.nvme.NvmeCommand;

/**
 * Sends Abort commands (NVMe Base 1.4, section 5.1), never more at a time than the controller takes (ACL): whoever wants
 * one while there is no place asks again later. Thread-safe.
 */
final class Aborts implements Watch.Aborter {

    private final AdminQueue admin;
    private final long patience;
    private final AtomicLong sent = new AtomicLong();
    private volatile Consumer<String> onAbort = text -> {};
    // Guarded by this.
    private int limit = 1;
    private int inFlight;

    /** @param patienceMillis how long an Abort may go unanswered */
    Aborts(AdminQueue admin, long patienceMillis) {
        this.admin = admin;
        this.patience = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
    }

    /** Says who is told of aborts: by whoever asks for one, at once. */
    void onAbort(Consumer<String> action) {
        onAbort = action;
    }

    /** Says how many of them the controller takes at a time. */
    synchronized void limit(int atATime) {
        limit = atATime;
    }

    /** How many were sent. */
    long sent() {
        return sent.get();
    }

    @Override
    public boolean abort(int queue, int identifier) {
        if (!takePlace()) {
            return false;
        }
        NvmeCommand abort = NvmeCommand.of(Opcode.ABORT, 0).with(identifier << 16 | queue, 0, 0, 0, 0, 0);
        if (!admin.post("Abort", abort, System.nanoTime() + patience, completion -> givePlace())) {
            givePlace();
            return false;
        }
        sent.incrementAndGet();
        onAbort.accept("queue " + queue + ": command " + identifier + " goes unanswered and is aborted");
        return true;
    }

    private synchronized boolean takePlace() {
        if (inFlight >= limit) {
            return false;
        }
        inFlight++;
        return true;
    }

    private synchronized void givePlace() {
        inFlight--;
    }
}
