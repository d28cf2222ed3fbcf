package org.busbar.pci.internal.bus;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.host.ScanProblem;
import org.busbar.pci.internal.Daemons;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at one host, on a thread of its own, whenever asked to, at the addresses that were named or at all of it: one look
 * at a time, and requests that come during a look are all met by one more. The first look is due from the start.
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
    private Look latest = Look.atEverything();
    private @Nullable Look pending = latest;
    private @Nullable HostWatch watch;
    private String watching = "not watched yet";
    private boolean closed;

    /** Touched by the scanner's thread only. */
    private @Nullable HostSnapshot last;

    HostScanner(PciHost host, HostListener listener, Sink sink) {
        this.host = host;
        this.listener = listener;
        this.sink = sink;
        thread = Daemons.unstarted("busbar-scan-" + host.name(), this::run);
    }

    void start() {
        thread.start();
    }

    /** Asks for a look at the host that begins after this call. Completes when what it found has been recorded. */
    CompletableFuture<ScanOutcome> scan() {
        return ask(Look::widen);
    }

    /** Asks for a look at one address that begins after this call. Completes when what it found has been recorded. */
    CompletableFuture<ScanOutcome> scan(PciAddress address) {
        return ask(look -> look.add(address));
    }

    /** Asks for a look at one address, on a hint that it is worth while. Returns at once. */
    void lookAgain(PciAddress address) {
        var _ = scan(address);
    }

    /** Asks for a look, on a hint that it is worth while. Returns at once. */
    void lookAgain() {
        var _ = scan();
    }

    private CompletableFuture<ScanOutcome> ask(Consumer<Look> what) {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(left());
            }
            Look next = pending;
            if (next == null) {
                next = Look.atNothing();
                latest = next;
                pending = next;
                wanted.signal();
            }
            what.accept(next);
            return next.answer();
        } finally {
            lock.unlock();
        }
    }

    /** Completes when all looks that were asked for so far are done. */
    CompletableFuture<ScanOutcome> idle() {
        lock.lock();
        try {
            return latest.answer();
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
        for (Look look = next(); look != null; look = next()) {
            lookOnce(look);
        }
    }

    private @Nullable Look next() {
        lock.lock();
        try {
            while (pending == null && !closed) {
                wanted.awaitUninterruptibly();
            }
            Look look = pending;
            pending = null;
            return closed ? null : look;
        } finally {
            lock.unlock();
        }
    }

    private void lookOnce(Look look) {
        CompletableFuture<ScanOutcome> request = look.answer();
        HostSnapshot before = last;
        int known = before == null ? 0 : before.functions().size();
        try {
            HostSnapshot now = look.at(host, before);
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
            unanswered = latest.answer();
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
