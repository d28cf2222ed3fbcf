package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.Daemons;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the event counters of one function on a platform thread of its own, and runs what belongs to those that were
 * signalled. Actions run without a lock held. Thread-safe.
 */
public final class EventLoop implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EventLoop.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private final Fd wake;
    private final Thread thread;

    // Guarded by lock.
    private List<Source> sources = List.of();
    private @Nullable Source running;
    private boolean closing;

    /** An event counter, and what is done when it was signalled. */
    static final class Source {
        private final Fd counter;
        private final Runnable action;
        /** Guarded by the loop's lock. */
        private boolean removed;

        /** @param counter closed when the source is removed */
        Source(Fd counter, Runnable action) {
            this.counter = counter;
            this.action = action;
        }

        Fd counter() {
            return counter;
        }
    }

    /** What one call of poll waits for: the wake-up, then the sources. */
    private record PollSet(List<Source> sources, MemorySegment fds) {
        static PollSet of(Fd wake, List<Source> sources) {
            MemorySegment fds = Arena.ofAuto().allocate(EventCalls.POLLFD, sources.size() + 1L);
            EventCalls.setPoll(fds, 0, wake.number(), EventCalls.POLLIN);
            for (int i = 0; i < sources.size(); i++) {
                EventCalls.setPoll(fds, i + 1, sources.get(i).counter.number(), EventCalls.POLLIN);
            }
            return new PollSet(sources, fds);
        }
    }

    private EventLoop(String name, Fd wake) {
        this.wake = wake;
        this.thread = Daemons.unstarted("busbar " + name, this::run);
    }

    /** Starts a loop; {@code name} is part of the thread's name. */
    public static EventLoop start(String name) throws ErrnoException {
        EventLoop loop = new EventLoop(name, EventCalls.eventfd("wake-up of " + name));
        loop.thread.start();
        return loop;
    }

    /** Adds sources. */
    void add(Collection<Source> added) {
        lock.lock();
        try {
            if (closing) {
                throw new IllegalStateException("closed");
            }
            List<Source> all = new ArrayList<>(sources);
            all.addAll(added);
            sources = List.copyOf(all);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Leaves a source out, its counter open, until it is {@linkplain #giveBack given back} or removed; false if it is not there. */
    boolean take(Source source) {
        lock.lock();
        try {
            if (!sources.contains(source)) {
                return false;
            }
            sources = sources.stream().filter(other -> other != source).toList();
            wake();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for sources no more, for good, and leaves their counters open until they are {@linkplain #remove removed}. */
    void exclude(Collection<Source> unwanted) {
        lock.lock();
        try {
            sources = sources.stream().filter(source -> !unwanted.contains(source)).toList();
            unwanted.forEach(source -> source.removed = true);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a source again, unless it was removed meanwhile or the loop ends. Its action is run once, because what was
     * signalled before may have been taken from the counter.
     */
    void giveBack(Source source) {
        lock.lock();
        try {
            if (!source.removed && !closing) {
                signal(source.counter);
                List<Source> all = new ArrayList<>(sources);
                all.add(source);
                sources = List.copyOf(all);
                wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Removes sources and closes their counters. When this returns true none of their actions is running, except the one
     * that this is called from.
     *
     * @return false if an action is still running at the deadline; its counter is closed when it ends
     */
    boolean remove(Collection<Source> unwanted, Deadline deadline) {
        lock.lock();
        try {
            sources = sources.stream().filter(source -> !unwanted.contains(source)).toList();
            for (Source source : unwanted) {
                source.removed = true;
                if (source != running) {
                    source.counter.close();
                }
            }
            wake();
            return isOwnThread() || awaitEndOf(unwanted, deadline);
        } finally {
            lock.unlock();
        }
    }

    /** Ends the thread. An action that is still running is the last. Does not wait for it. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closing) {
                wake();
                closing = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the thread to end after {@link #close}; returns whether it has. */
    public boolean join(Deadline deadline) {
        return isOwnThread()
                || Uninterruptibly.await(deadline, nanos -> thread.join(Duration.ofNanos(nanos)));
    }

    /** Returns what the thread is doing, for messages. */
    public String stack() {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }

    private boolean isOwnThread() {
        return Thread.currentThread().equals(thread);
    }

    /** The lock is held, which keeps the counter open: the thread closes it only with the lock, when closing is set. */
    private void wake() {
        if (!closing) {
            signal(wake);
        }
    }

    private static void signal(Fd counter) {
        try {
            EventCalls.signal(counter);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean awaitEndOf(Collection<Source> unwanted, Deadline deadline) {
        return Uninterruptibly.await(deadline, nanos -> {
            long left = nanos;
            while (running != null && unwanted.contains(running)) {
                if (left <= 0) {
                    return false;
                }
                left = idle.awaitNanos(left);
            }
            return true;
        });
    }

    private void run() {
        MemorySegment scratch = Arena.ofAuto().allocate(JAVA_LONG);
        PollSet set = PollSet.of(wake, List.of());
        try {
            while (true) {
                // No time limit: every change of what is waited for comes with a wake-up.
                int ready = EventCalls.poll(set.fds, -1);
                if (ready < 0 && ready != -Errno.EINTR) {
                    throw new IllegalStateException("poll failed: " + Errno.name(-ready));
                }
                for (int i = 0; ready > 0 && i < set.sources.size(); i++) {
                    if (EventCalls.polled(set.fds, i + 1) != 0) {
                        dispatch(set.sources.get(i), scratch);
                    }
                }
                if (EventCalls.polled(set.fds, 0) != 0) {
                    FileCalls.read(wake.number(), scratch);
                    PollSet next = next();
                    if (next == null) {
                        return;
                    }
                    set = next;
                }
            }
        } finally {
            end();
        }
    }

    private @Nullable PollSet next() {
        lock.lock();
        try {
            return closing ? null : PollSet.of(wake, sources);
        } finally {
            lock.unlock();
        }
    }

    private void dispatch(Source source, MemorySegment scratch) {
        lock.lock();
        try {
            if (source.removed) {
                return; // its counter is closed, and the number may be somebody else's by now
            }
            running = source;
        } finally {
            lock.unlock();
        }
        try {
            if (FileCalls.read(source.counter.number(), scratch) == Long.BYTES) {
                source.action.run();
            }
        } catch (RuntimeException | Error e) {
            LOG.error("{}: what was to be done on an event failed; the next event is tried again", thread.getName(), e);
        } finally {
            ended(source);
        }
    }

    private void ended(Source source) {
        lock.lock();
        try {
            running = null;
            if (source.removed) {
                source.counter.close();
            }
            idle.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void end() {
        lock.lock();
        try {
            closing = true;
            wake.close();
            sources.forEach(source -> source.counter.close());
            sources = List.of();
        } finally {
            lock.unlock();
        }
    }
}
