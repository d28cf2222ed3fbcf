package org.busbar.lab;

import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.busbar.block.BlockStatus;

/** Keeps account of requests: each that was accepted has to end once, and with the right data. Thread-safe. */
final class Ledger {

    private static final Set<BlockStatus> EXPECTED = Set.of(BlockStatus.OK, BlockStatus.GONE, BlockStatus.ABORTED);

    /** Nobody notifies of a worker's end. */
    private static final long LOOK_MILLIS = 100;

    private final Map<BlockStatus, Long> ended = new EnumMap<>(BlockStatus.class);
    private long accepted;
    private long twice;
    private long corrupt;

    synchronized void accepted() {
        accepted++;
    }

    synchronized void ended(BlockStatus status) {
        ended.merge(status, 1L, Long::sum);
        notifyAll();
    }

    synchronized void endedTwice() {
        twice++;
    }

    synchronized void corrupt() {
        corrupt++;
    }

    synchronized long done() {
        return ended.getOrDefault(BlockStatus.OK, 0L);
    }

    /** Waits until so many more requests have been done, for as long as there is somebody who works. Returns whether they have. */
    synchronized boolean awaitDone(long more, long millis, BooleanSupplier working) throws InterruptedException {
        long target = done() + more;
        long end = System.nanoTime() + millis * 1_000_000;
        while (done() < target) {
            if (!working.getAsBoolean()) {
                return false;
            }
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(Math.min(left, LOOK_MILLIS));
        }
        return true;
    }

    /** Whether every request ended exactly once, well and with the right data, or because of what was done to the device. */
    synchronized boolean isSound() {
        return EXPECTED.containsAll(ended.keySet())
                && accepted == ended.values().stream().mapToLong(Long::longValue).sum() && twice == 0 && corrupt == 0;
    }

    @Override
    public synchronized String toString() {
        return "accepted " + accepted + ", ended " + ended + ", twice " + twice + ", corrupt " + corrupt;
    }
}
