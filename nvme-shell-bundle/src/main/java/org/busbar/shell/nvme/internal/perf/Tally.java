package org.busbar.shell.nvme.internal.perf;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.busbar.block.BlockStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a thread's requests have come to. Written by that thread, and read by others once it has ended; only
 * {@link #seen} and {@link #seenErrors} may be read before. Counting allocates nothing.
 */
final class Tally {

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final int DIGITS = 3;

    private final Histogram reads = new Histogram(LONGEST_NANOS, DIGITS);
    private final Histogram writes = new Histogram(LONGEST_NANOS, DIGITS);
    private final Counts<BlockStatus> statuses = new Counts<>(BlockStatus.class);
    private final Counts<Stamp.Verdict> verdicts = new Counts<>(Stamp.Verdict.class);
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong publishedErrors = new AtomicLong();
    private long accepted;
    private long completed;
    private long errors;
    private long cpuNanos;
    private long allocatedBytes;
    private @Nullable String mismatch;

    /** Counts a request that the queue has taken. */
    void accepted() {
        accepted++;
    }

    /** Counts a request that has ended. */
    void completed(boolean write, BlockStatus status, long nanos) {
        completed++;
        statuses.add(status, 1);
        if (status == BlockStatus.OK) {
            (write ? writes : reads).recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
        } else {
            errors++;
        }
    }

    /** Counts a block that was checked. */
    void checked(Stamp.Verdict verdict) {
        verdicts.add(verdict, 1);
    }

    /** Notes the first block that is not what it has to be. */
    void mismatch(String text) {
        if (mismatch == null) {
            mismatch = text;
        }
    }

    boolean hasMismatch() {
        return mismatch != null;
    }

    /** Lets others see how far it is. */
    void publish() {
        published.lazySet(completed);
        publishedErrors.lazySet(errors);
    }

    long seen() {
        return published.get();
    }

    long seenErrors() {
        return publishedErrors.get();
    }

    void cpu(long nanos) {
        cpuNanos = nanos;
    }

    void allocated(long bytes) {
        allocatedBytes = bytes;
    }

    Histogram reads() {
        return reads;
    }

    Histogram writes() {
        return writes;
    }

    long count(BlockStatus status) {
        return statuses.get(status);
    }

    long count(Stamp.Verdict verdict) {
        return verdicts.get(verdict);
    }

    long acceptedCount() {
        return accepted;
    }

    long completedCount() {
        return completed;
    }

    long cpuNanos() {
        return cpuNanos;
    }

    /** Returns what the thread has allocated from its first request to the end of its last. */
    long allocatedBytes() {
        return allocatedBytes;
    }

    @Nullable
    String firstMismatch() {
        return mismatch;
    }

    /** Adds what another thread has. */
    void add(Tally other) {
        reads.add(other.reads);
        writes.add(other.writes);
        statuses.add(other.statuses);
        verdicts.add(other.verdicts);
        accepted += other.accepted;
        completed += other.completed;
        errors += other.errors;
        cpuNanos += other.cpuNanos;
        allocatedBytes += other.allocatedBytes;
        if (other.mismatch != null) {
            mismatch(other.mismatch);
        }
    }
}
