package org.busbar.pci.internal.vfio;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.busbar.pci.internal.sys.MemoryCalls;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCalls;

/**
 * The descriptor of an open device. Thread-safe: a lock makes calls and {@link #close} exclude each other, so that no call
 * meets a descriptor that is closed or given out again. A reset may hold the lock for long; others wait for it only so
 * long as {@link #PATIENCE_MILLIS}.
 */
final class VfioDevice implements DeviceAccess, AutoCloseable {

    static final long PATIENCE_MILLIS = 5_000;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Fd fd;
    private final String address;
    private final int flags;
    private final ReentrantLock lock = new ReentrantLock();
    /** Whether the last wait for the lock was in vain; the next one is not made then. */
    private volatile boolean stuck;
    /** Guarded by {@link #lock}. One slice for each width, made once, so that accesses allocate nothing. */
    private final MemorySegment scratch = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

    private final MemorySegment[] scratchOf = {
        scratch, scratch.asSlice(0, 1), scratch.asSlice(0, 2), scratch, scratch.asSlice(0, 4), scratch, scratch,
        scratch, scratch
    };

    VfioDevice(Fd fd, String address) throws ErrnoException {
        this.fd = fd;
        this.address = address;
        try (Arena arena = Arena.ofConfined()) {
            this.flags = VfioCalls.info(
                    arena, fd, VfioAbi.VFIO_DEVICE_GET_INFO, "VFIO_DEVICE_GET_INFO", VfioAbi.DEVICE_INFO_SIZE, -1)
                    .get(JAVA_INT, VfioAbi.FLAGS);
        }
    }

    @Override
    public String address() {
        return address;
    }

    boolean canReset() {
        return (flags & VfioAbi.VFIO_DEVICE_FLAGS_RESET) != 0;
    }

    @Override
    public RegionInfo region(int index) throws IOException {
        String name = "VFIO_DEVICE_GET_REGION_INFO, index " + index;
        return locked(() -> {
            try (Arena arena = Arena.ofConfined()) {
                return RegionInfo.parse(VfioCalls.info(
                        arena, fd, VfioAbi.VFIO_DEVICE_GET_REGION_INFO, name, VfioAbi.REGION_INFO_SIZE, index));
            }
        });
    }

    @Override
    public int vectors(int irqIndex) throws IOException {
        String name = "VFIO_DEVICE_GET_IRQ_INFO, index " + irqIndex;
        return locked(() -> {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment info = VfioCalls.info(
                        arena, fd, VfioAbi.VFIO_DEVICE_GET_IRQ_INFO, name, VfioAbi.IRQ_INFO_SIZE, irqIndex);
                boolean eventfd = (info.get(JAVA_INT, VfioAbi.FLAGS) & VfioAbi.VFIO_IRQ_INFO_EVENTFD) != 0;
                return eventfd ? info.get(JAVA_INT, VfioAbi.IRQ_INFO_COUNT) : 0;
            } catch (ErrnoException e) {
                if (e.errno() == Errno.EINVAL) {
                    return 0; // a conventional PCI function has no error notifier, for example
                }
                throw e;
            }
        });
    }

    @Override
    public int enableIrqs(int irqIndex, Fd... eventfds) throws IOException {
        return locked(() -> VfioCalls.enableIrqs(fd, irqIndex, eventfds));
    }

    @Override
    public void disableIrqs(int irqIndex) throws IOException {
        locked(() -> {
            VfioCalls.disableIrqs(fd, irqIndex);
            return 0;
        });
    }

    @Override
    public void unmaskPin() throws IOException {
        locked(() -> {
            VfioCalls.unmaskPin(fd);
            return 0;
        });
    }

    void reset() throws IOException {
        locked(() -> {
            VfioCalls.reset(fd);
            return 0;
        });
    }

    @Override
    public MemorySegment map(RegionInfo region, Area area, Arena arena) throws IOException {
        int access = MemoryCalls.PROT_READ | MemoryCalls.PROT_WRITE;
        return locked(() -> MemoryCalls.map(
                arena,
                area.size(),
                access,
                MemoryCalls.MAP_SHARED,
                fd.number(),
                region.offset() + area.offset(),
                fd.name()));
    }

    @Override
    public long read(long position, int width) throws IOException {
        acquire();
        try {
            check("pread", FileCalls.pread(openFd(), scratchOf[width], position), position, width);
            return switch (width) {
                case 1 -> scratch.get(JAVA_BYTE, 0) & 0xffL;
                case 2 -> scratch.get(SHORT, 0) & 0xffffL;
                case 4 -> scratch.get(INT, 0) & 0xffffffffL;
                default -> scratch.get(LONG, 0);
            };
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(long position, int width, long value) throws IOException {
        acquire();
        try {
            scratch.set(LONG, 0, value);
            check("pwrite", FileCalls.pwrite(openFd(), scratchOf[width], position), position, width);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the descriptor. Waits for calls under way, and for the kernel to reset the device. */
    @Override
    public void close() {
        lock.lock();
        try {
            fd.close();
        } finally {
            lock.unlock();
        }
    }

    private void check(String call, long result, long position, int width) throws ErrnoException {
        if (result != width) {
            throw new ErrnoException(
                    call,
                    result < 0 ? (int) -result : Errno.EIO,
                    fd.name() + ", " + width + " bytes at 0x" + Long.toHexString(position));
        }
    }

    private int openFd() throws IOException {
        if (!fd.isOpen()) {
            throw new IOException(address + " is closed");
        }
        return fd.number();
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T locked(Work<T> work) throws IOException {
        acquire();
        try {
            openFd();
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    private void acquire() throws IOException {
        if (!lock.tryLock()) {
            Deadline deadline = Deadline.afterMillis(stuck ? 0 : PATIENCE_MILLIS);
            if (!Uninterruptibly.await(deadline, nanos -> lock.tryLock(nanos, TimeUnit.NANOSECONDS))) {
                stuck = true;
                throw new IOException(address + " has kept the kernel busy for " + PATIENCE_MILLIS + " ms");
            }
        }
        stuck = false;
    }
}
