package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.InterruptWaiter;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;

/**
 * Lets one thread wait for a vector's event counter, and for a counter of its own by which others wake it. Neither is closed
 * while the thread is in the kernel with their numbers, which would soon be those of other files.
 */
final class VectorWaiter implements InterruptWaiter {

    private static final int VECTOR = 0;
    private static final int WAKE = 1;

    private final EventLoop loop;
    private final EventLoop.Source source;
    private final Fd wake;
    private final MemorySegment fds = Arena.ofAuto().allocate(EventCalls.POLLFD, 2);
    private final MemorySegment scratch = Arena.ofAuto().allocate(JAVA_LONG);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition outside = lock.newCondition();
    // Guarded by lock.
    private boolean inside;
    private boolean closed;

    private VectorWaiter(EventLoop loop, EventLoop.Source source, Fd wake) {
        this.loop = loop;
        this.source = source;
        this.wake = wake;
        EventCalls.setPoll(fds, VECTOR, source.counter().number(), EventCalls.POLLIN);
        EventCalls.setPoll(fds, WAKE, wake.number(), EventCalls.POLLIN);
    }

    /** @param source already taken from the loop */
    static VectorWaiter of(EventLoop loop, EventLoop.Source source) throws ErrnoException {
        return new VectorWaiter(loop, source, EventCalls.eventfd("wake-up for " + source.counter().name()));
    }

    EventLoop.Source source() {
        return source;
    }

    @Override
    public boolean await(long nanos) {
        if (!enter()) {
            return false;
        }
        try {
            int ready = EventCalls.poll(fds, millis(nanos));
            if (ready < 0 && ready != -Errno.EINTR) {
                throw new IllegalStateException("poll failed: " + Errno.name(-ready));
            }
            take(ready, VECTOR, source.counter());
            take(ready, WAKE, wake);
        } finally {
            leave();
        }
        return true;
    }

    private static int millis(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nanos) + TimeUnit.MILLISECONDS.toNanos(1) - 1);
        return (int) Math.min(Integer.MAX_VALUE, millis);
    }

    private void take(int ready, int index, Fd counter) {
        if (ready > 0 && EventCalls.polled(fds, index) != 0) {
            long _ = FileCalls.read(counter.number(), scratch);
        }
    }

    private boolean enter() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            if (inside) {
                throw new IllegalStateException("two threads wait for " + source.counter().name());
            }
            inside = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        boolean last;
        lock.lock();
        try {
            inside = false;
            outside.signalAll();
            last = closed;
            if (last) {
                wake.close();
            }
        } finally {
            lock.unlock();
        }
        if (last) {
            loop.giveBack(source); // which does nothing if it was removed
        }
    }

    @Override
    public void wake() {
        lock.lock(); // which keeps the counter open
        try {
            if (!closed) {
                signal(wake);
            }
        } finally {
            lock.unlock();
        }
    }

    private static void signal(Fd counter) {
        try {
            EventCalls.signal(counter);
        } catch (ErrnoException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (end()) {
            loop.giveBack(source);
        }
    }

    /** Ends it; returns whether nobody is in the kernel, who would do the rest. */
    private boolean end() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            if (inside) {
                signal(wake);
                return false;
            }
            wake.close();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends it for good. Returns whether no thread has the counter's number in its hands any more. */
    boolean abandon(Deadline deadline) {
        boolean _ = end();
        return Uninterruptibly.await(deadline, nanos -> {
            long left = nanos;
            lock.lock();
            try {
                while (inside) {
                    if (left <= 0) {
                        return false;
                    }
                    left = outside.awaitNanos(left);
                }
                return true;
            } finally {
                lock.unlock();
            }
        });
    }
}
