package org.busbar.shell.net.internal.run;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;

/** Says when work has to end: when somebody asks for it, or when its time is up. Thread-safe. */
public final class Stop {

    private static final long SLICE_MILLIS = 100;
    private static final Duration FAR = Duration.ofDays(36_500);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private final @Nullable Deadline end;
    private volatile boolean asked;

    /**
     * @param time after which the work ends by itself
     */
    public Stop(Optional<Duration> time) {
        end = time.map(t -> Deadline.after(t.compareTo(FAR) > 0 ? FAR : t)).orElse(null);
    }

    /** Asks for the end. */
    public void ask() {
        asked = true;
        lock.lock();
        try {
            wanted.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether the work has to end. */
    public boolean isWanted() {
        return asked || (end != null && end.expired());
    }

    /** Returns whether somebody has asked for the end. */
    public boolean isAsked() {
        return asked;
    }

    /** Returns by when one who waits for something else has to look here again. */
    public Deadline slice() {
        Deadline slice = Deadline.afterMillis(SLICE_MILLIS);
        return end == null ? slice : slice.orEarlier(end);
    }

    /** Waits for the end, at most so long; returns whether it has come. */
    public boolean await(long nanos) throws InterruptedException {
        long left = end == null ? nanos : Math.min(nanos, end.remainingNanos());
        lock.lock();
        try {
            while (!asked && left > 0) {
                left = wanted.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        return isWanted();
    }
}
