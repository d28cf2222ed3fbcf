package org.busbar.pci.internal.bus;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.host.ScanProblem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one host, on a thread of its own, whenever asked to: one look at a time, and requests that come during a look
 * are all met by one more. The first look is due from the start.
 *
 * <p>A look that fails removes nothing and is reported; the next one compares with what the last good one found.
 */
final class HostScanner implements AutoCloseable {

    /** Acts upon what a look has found. */
    @FunctionalInterface
    interface Sink {

        /**
         * Takes a difference. Called on the scanner's thread, in order; returns at once.
         *
         * @param functions how many functions the host has
         * @param problems what could not be read
         * @param request to be completed when the difference has been recorded
         */
        void found(SnapshotDiff diff, int functions, List<String> problems, CompletableFuture<ScanOutcome> request);
    }

    private static final Logger LOG = LoggerFactory.getLogger(HostScanner.class);

    private final PciHost host;
    private final HostListener listener;
    private final Sink sink;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition wanted = lock.newCondition();
    private CompletableFuture<ScanOutcome> latest = new CompletableFuture<>();
    private @Nullable CompletableFuture<ScanOutcome> pending = latest;
    private @Nullable HostWatch watch;
    private String watching = "not watched yet";
    private boolean closed;

    /** Touched by the scanner's thread only. */
    private @Nullable HostSnapshot last;

    HostScanner(PciHost host, HostListener listener, Sink sink) {
        this.host = host;
        this.listener = listener;
        this.sink = sink;
        thread = Thread.ofPlatform().daemon().name("busbar-scan-" + host.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Asks for a look that begins after this call. Completes when what it found has been recorded. */
    CompletableFuture<ScanOutcome> scan() {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(left());
            }
            return requested();
        } finally {
            lock.unlock();
        }
    }

    /** Asks for a look, on a hint that it is worth while. Returns at once. */
    void lookAgain() {
        lock.lock();
        try {
            if (!closed) {
                pending = requested();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Returns the request that the next look will answer. Called with the lock held. */
    private CompletableFuture<ScanOutcome> requested() {
        if (pending == null) {
            latest = new CompletableFuture<>();
            pending = latest;
            wanted.signal();
        }
        return pending;
    }

    /** Completes when all looks that were asked for so far are done. */
    CompletableFuture<ScanOutcome> idle() {
        lock.lock();
        try {
            return latest;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how changes of the host are noticed, in words. */
    String watching() {
        lock.lock();
        try {
            return watching;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        startWatch();
        for (CompletableFuture<ScanOutcome> request = next(); request != null; request = next()) {
            scanOnce(request);
        }
    }

    private @Nullable CompletableFuture<ScanOutcome> next() {
        lock.lock();
        try {
            while (pending == null && !closed) {
                wanted.awaitUninterruptibly();
            }
            CompletableFuture<ScanOutcome> request = pending;
            pending = null;
            return closed ? null : request;
        } finally {
            lock.unlock();
        }
    }

    private void scanOnce(CompletableFuture<ScanOutcome> request) {
        HostSnapshot before = last;
        int known = before == null ? 0 : before.functions().size();
        try {
            HostSnapshot now = host.scan(before);
            SnapshotDiff diff = SnapshotDiff.between(before, now);
            last = now;
            List<String> problems = now.problems().stream().map(ScanProblem::toString).toList();
            sink.found(diff, now.functions().size(), problems, request);
        } catch (IOException e) {
            LOG.debug("{}: scan failed", host.name(), e);
            sink.found(SnapshotDiff.NONE, known, List.of("cannot be read, nothing is concluded: " + reason(e)),
                    request);
        } catch (RuntimeException | Error e) {
            // Code of a host that misbehaves must not end this thread: the host would never be looked at again.
            LOG.warn("{}: scan failed", host.name(), e);
            sink.found(SnapshotDiff.NONE, known, List.of("scan failed, nothing is concluded: " + e), request);
        }
    }

    /** Begins to watch before the first look, so that nothing is missed between the two. */
    private void startWatch() {
        HostWatch begun = null;
        String how;
        try {
            begun = host.watch(listener);
            how = begun.how();
        } catch (IOException | RuntimeException | Error e) {
            LOG.warn("{}: changes are not noticed until a rescan is asked for", host.name(), e);
            how = "not watched, rescan by hand: " + reason(e);
        }
        lock.lock();
        try {
            watching = how;
            if (!closed) {
                watch = begun;
                return;
            }
        } finally {
            lock.unlock();
        }
        if (begun != null) {
            begun.close();
        }
    }

    /** Ends the watch and all looking; a look that is under way is waited for briefly, and comes to nothing. */
    @Override
    public void close() {
        HostWatch ended;
        CompletableFuture<ScanOutcome> unanswered;
        lock.lock();
        try {
            closed = true;
            ended = watch;
            watch = null;
            unanswered = latest;
            wanted.signal();
        } finally {
            lock.unlock();
        }
        if (ended != null) {
            ended.close();
        }
        thread.interrupt();
        try {
            if (thread.isAlive() && !thread.join(Duration.ofSeconds(2))) {
                LOG.warn("{}: a scan does not end; its thread is left behind", host.name());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        unanswered.complete(left());
    }

    private ScanOutcome left() {
        return new ScanOutcome(BusChange.NONE, List.of(host.name() + ": has left"));
    }

    private static String reason(Throwable e) {
        return e instanceof IOException && e.getMessage() != null ? e.getMessage() : e.toString();
    }
}
