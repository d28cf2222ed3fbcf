package org.busbar.pci.internal.tap;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.net.MacAddress;
import org.busbar.net.tap.TapDevice;
import org.busbar.net.tap.TapException;
import org.busbar.net.tap.TapException.Reason;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.TapCalls;

/**
 * An open TAP interface. Two locks, hardly ever contended, keep descriptors and memory while a call uses them: one for waits, the
 * other for all else. Under neither is anybody else called.
 */
final class LinuxTap implements TapDevice {

    private static final int LONGEST_FRAME = 65_535 + 18;
    private static final long SLICE_MILLIS = 100;

    private final String name;
    private final Fd tap;
    private final Fd socket;
    private final Fd wake;
    private final Set<LinuxTap> open;
    private final ReentrantLock waiting = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bounce = arena.allocate(LONGEST_FRAME);
    private final MemorySegment polled = arena.allocate(EventCalls.POLLFD, 2);
    private final MemorySegment count = arena.allocate(JAVA_LONG);
    private volatile boolean closing;

    LinuxTap(String name, Fd tap, Fd socket, Fd wake, Set<LinuxTap> open) {
        this.name = name;
        this.tap = tap;
        this.socket = socket;
        this.wake = wake;
        this.open = open;
    }

    /** Something that the kernel may refuse. */
    @FunctionalInterface
    private interface Setting<T> {
        T call() throws ErrnoException;
    }

    private <T> T set(String what, Setting<T> setting) throws TapException {
        lock.lock();
        try {
            return setting.call();
        } catch (ErrnoException e) {
            throw e.isPermission()
                    ? new TapException(
                            Reason.NOT_PERMITTED,
                            "the " + what + " of " + name
                                    + " may not be changed: that needs CAP_NET_ADMIN; root can: ip link"
                                    + " set " + name + " ...",
                            e)
                    : new TapException(
                            Reason.FAILED, "the " + what + " of " + name + " is refused: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public MacAddress mac() throws TapException {
        return new MacAddress(set("address", () -> TapCalls.mac(socket, name)));
    }

    @Override
    public void changeMac(MacAddress mac) throws TapException {
        set("address", () -> {
            TapCalls.mac(socket, name, mac.value());
            return name;
        });
    }

    @Override
    public int mtu() throws TapException {
        return set("MTU", () -> TapCalls.mtu(socket, name));
    }

    @Override
    public void changeMtu(int bytes) throws TapException {
        set("MTU", () -> {
            TapCalls.mtu(socket, name, bytes);
            return name;
        });
    }

    @Override
    public boolean isUp() throws TapException {
        return set("state", () -> TapCalls.isUp(socket, name));
    }

    @Override
    public void up(boolean on) throws TapException {
        set("state", () -> {
            TapCalls.up(socket, name, on);
            return name;
        });
    }

    @Override
    public int read(MemorySegment into) throws TapException {
        lock.lock();
        try {
            long result;
            if (into.isNative()) {
                result = TapCalls.read(tap.number(), into, into.byteSize());
            } else {
                result = TapCalls.read(tap.number(), bounce, Math.min(bounce.byteSize(), into.byteSize()));
                MemorySegment.copy(bounce, 0, into, 0, Math.max(result, 0));
            }
            return result < 0 ? nothing((int) -result, "read") : (int) result;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean write(MemorySegment frame, int length) throws TapException {
        lock.lock();
        try {
            long result;
            if (frame.isNative()) {
                if (length > frame.byteSize()) {
                    throw new IndexOutOfBoundsException(length + " bytes of a frame in " + frame.byteSize());
                }
                result = TapCalls.write(tap.number(), frame, length);
            } else {
                MemorySegment.copy(frame, 0, bounce, 0, length);
                result = TapCalls.write(tap.number(), bounce, length);
            }
            return result < 0 ? nothing((int) -result, "write") > 0 : true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns 0 if the call may be tried again later: nothing there, no room, or the interface is down (EIO). */
    private int nothing(int errno, String call) throws TapException {
        return switch (errno) {
            case Errno.EAGAIN, Errno.EINTR, Errno.ENOBUFS, Errno.EIO -> 0;
            default -> throw failed(call, errno);
        };
    }

    private TapException failed(String call, int errno) {
        ErrnoException cause = new ErrnoException(call, errno, "TAP " + name);
        boolean gone = errno == Errno.EBADF || errno == Errno.ENODEV;
        return new TapException(
                Reason.FAILED,
                gone
                        ? "the TAP interface " + name + " is gone: somebody has deleted it"
                        : "the TAP interface " + name + " fails: " + cause.getMessage(),
                cause);
    }

    @Override
    public boolean awaitRead(Deadline deadline) throws TapException, InterruptedException {
        waiting.lock();
        try {
            do {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (closing) { // or who waits again and again would keep the lock
                    throw new IllegalStateException("TAP " + name + " is closed");
                }
                long millis = Math.min(SLICE_MILLIS, deadline.remaining(TimeUnit.MILLISECONDS));
                EventCalls.setPoll(polled, 0, tap.number(), EventCalls.POLLIN);
                EventCalls.setPoll(polled, 1, wake.number(), EventCalls.POLLIN);
                int ready = EventCalls.poll(polled, (int) millis);
                if (ready < 0 && ready != -Errno.EINTR) {
                    throw failed("poll", -ready);
                }
                if (ready > 0) {
                    return isReadable();
                }
            } while (!deadline.expired());
            return false;
        } finally {
            waiting.unlock();
        }
    }

    private boolean isReadable() throws TapException {
        if (EventCalls.polled(polled, 1) != 0) {
            EventCalls.drain(wake.number(), count);
            return false;
        }
        if ((EventCalls.polled(polled, 0) & EventCalls.POLLIN) != 0) {
            return true;
        }
        throw failed("poll", Errno.ENODEV); // POLLERR: the interface has been deleted
    }

    @Override
    public void wake() {
        lock.lock();
        try {
            if (wake.isOpen()) {
                EventCalls.signal(wake);
            }
        } catch (ErrnoException e) {
            throw new IllegalStateException(e); // an event counter that is open takes whatever is written
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        closing = true;
        wake(); // a wait under way ends, and what its thread calls next fails
        waiting.lock();
        lock.lock();
        try {
            if (tap.isOpen()) {
                tap.close();
                socket.close();
                wake.close();
                arena.close();
            }
        } finally {
            lock.unlock();
            waiting.unlock();
        }
        open.remove(this);
    }
}
