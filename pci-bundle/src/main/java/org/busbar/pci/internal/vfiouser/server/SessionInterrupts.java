package org.busbar.pci.internal.vfiouser.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.InterruptSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The function's interrupts, passed on to the client's event counters. Vectors only: a pin would have to be masked and
 * unmasked by messages.
 */
final class SessionInterrupts implements AutoCloseable {

    /** How many kinds of interrupts VFIO gives a PCI device. */
    static final int KINDS = 5;

    private static final Logger LOG = LoggerFactory.getLogger(SessionInterrupts.class);

    private final InterruptPort port;
    /** The kind that vectors are of: VFIO_PCI_..._IRQ_INDEX. */
    private final int kind;

    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@link #lock}: the counter of each vector, as far as the client has given one. */
    private final @Nullable Fd[] counters;

    private boolean enabled;

    SessionInterrupts(InterruptPort port, int kind) {
        this.port = port;
        this.kind = kind;
        counters = new @Nullable Fd[port.available()];
    }

    InterruptInfo info(int index) throws ErrnoException {
        if (index < 0 || index >= KINDS) {
            throw invalid("interrupts of kind " + index);
        }
        int count = index == kind ? counters.length : 0;
        return new InterruptInfo(count > 0 ? InterruptInfo.EVENTFD : 0, index, count);
    }

    /** Sets vectors up, or turns them off. */
    void set(InterruptSet set, List<Fd> eventfds) throws IOException {
        boolean fits = set.index() == kind && set.start() >= 0 && set.count() >= 0
                && set.start() <= counters.length - set.count();
        boolean trigger = (set.flags() & InterruptSet.ACTION_TRIGGER) != 0;
        if (!fits || !trigger || (set.flags() & (InterruptSet.ACTION_MASK | InterruptSet.ACTION_UNMASK)) != 0) {
            throw invalid(set.toString());
        }
        switch (set.flags() & ~InterruptSet.ACTION_TRIGGER) {
            case InterruptSet.DATA_EVENTFD -> setCounters(set, eventfds);
            case InterruptSet.DATA_NONE -> {
                if (set.count() != 0) {
                    throw invalid(set.toString());
                }
                turnOff();
            }
            default -> throw invalid(set.toString());
        }
    }

    private void setCounters(InterruptSet set, List<Fd> eventfds) throws IOException {
        if (eventfds.size() != set.count() || set.count() == 0) {
            throw invalid(set + ", " + eventfds.size() + " descriptors");
        }
        for (Fd counter : eventfds) {
            requireEventCounter(counter);
            // A client that does not read must not be waited for.
            SharedMemoryCalls.unblock(counter);
        }
        List<Fd> replaced = new ArrayList<>();
        lock.lock();
        try {
            for (int i = 0; i < eventfds.size(); i++) {
                Fd before = counters[set.start() + i];
                if (before != null) {
                    replaced.add(before);
                }
                counters[set.start() + i] = eventfds.get(i);
            }
        } finally {
            lock.unlock();
        }
        replaced.forEach(Fd::close);
        if (!enabled) {
            port.enable(counters.length, this::fired);
            enabled = true;
        }
    }

    private static void requireEventCounter(Fd counter) throws IOException {
        Path link = Files.readSymbolicLink(Path.of("/proc/self/fd", Integer.toString(counter.number())));
        if (!link.toString().equals("anon_inode:[eventfd]")) {
            throw invalid("a descriptor of " + link + " in place of an event counter");
        }
    }

    private void fired(int vector) {
        lock.lock();
        try {
            Fd counter = vector < counters.length ? counters[vector] : null;
            if (counter != null) {
                EventCalls.signal(counter);
            }
        } catch (ErrnoException e) {
            LOG.debug("an interrupt is lost", e);
        } finally {
            lock.unlock();
        }
    }

    private void turnOff() {
        if (enabled) {
            enabled = false;
            port.disable();
        }
        List<Fd> all = new ArrayList<>();
        lock.lock();
        try {
            for (int i = 0; i < counters.length; i++) {
                Fd counter = counters[i];
                if (counter != null) {
                    all.add(counter);
                    counters[i] = null;
                }
            }
        } finally {
            lock.unlock();
        }
        all.forEach(Fd::close);
    }

    @Override
    public void close() {
        turnOff();
    }

    private static ErrnoException invalid(String what) {
        return new ErrnoException("request", Errno.EINVAL, what);
    }
}
