package org.busbar.emulator.internal.nvme;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.emulator.NvmeOptions;

/**
 * The controller's registers (section 3.1). Written by drivers' threads; the device's thread looks at them after a
 * wake-up.
 */
final class NvmeRegisters {

    static final int MAX_ENTRIES = 4096;
    static final int MAX_PAGE_SHIFT = 16;
    static final int CC_ENABLE = 1;
    static final int CSTS_READY = 1;
    static final int CSTS_FATAL = 1 << 1;
    static final int CSTS_SHUTDOWN_OCCURRING = 1 << 2;
    static final int CSTS_SHUTDOWN_COMPLETE = 2 << 2;
    static final int CSTS_SHUTDOWN_MASK = 3 << 2;
    static final int CSTS_SUBSYSTEM_RESET = 1 << 4;

    static final int CAP = 0x00;
    static final int VS = 0x08;
    static final int INTMS = 0x0c;
    static final int INTMC = 0x10;
    static final int CC = 0x14;
    static final int CSTS = 0x1c;
    static final int NSSR = 0x20;
    static final int AQA = 0x24;
    static final int ASQ = 0x28;
    static final int ACQ = 0x30;
    static final int CRTO = 0x68;
    static final int DOORBELLS = 0x1000;

    /** "NVMe", the value of NSSR that resets (section 3.1.7). */
    private static final int RESET_SUBSYSTEM = 0x4e56_4d65;
    private static final int CC_WRITABLE = 0x00ff_fff1;
    /** Ready independent of media (NVMe 2.0, section 3.1.3.5). */
    private static final int CC_CRIME = 1 << 24;
    // MQES 4095, CQR, CSS: NVM, MPSMAX 64 KiB; DSTRD and MPSMIN are 0 (section 3.1.1).
    private static final long CAPABILITIES = (MAX_ENTRIES - 1)
            | (1L << 16)
            | (1L << 37)
            | ((long) (MAX_PAGE_SHIFT - 12) << 52);
    private static final long CAP_NSSRS = 1L << 36;
    /** Ready with and independent of media (NVMe 2.0, section 3.1.3.1). */
    private static final long CAP_CRMS = 3L << 59;

    private final Runnable wake;
    private final Doorbells doorbells;
    private final boolean version2;
    private volatile long capabilities;
    private volatile long nextCapabilities;
    private final int readyTimeout;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicInteger disables = new AtomicInteger();
    private final AtomicInteger subsystemResets = new AtomicInteger();
    private volatile int cc;
    private volatile int csts;
    private volatile int aqa;
    private volatile int interruptMask;
    private volatile long asq;
    private volatile long acq;
    /** CSTS.NSSRO: the last reset was one of the subsystem. */
    private volatile boolean subsystemReset;

    NvmeRegisters(NvmeOptions options, Doorbells doorbells, Runnable wake) {
        this.doorbells = doorbells;
        this.wake = wake;
        version2 = options.version2();
        readyTimeout = options.readyTimeout();
        capabilities = CAPABILITIES
                | ((long) readyTimeout << 24)
                | (options.has(NvmeOptions.Feature.SUBSYSTEM_RESET) ? CAP_NSSRS : 0)
                | (version2 ? CAP_CRMS : 0);
        nextCapabilities = capabilities;
    }

    /** Has CAP read differently from the next reset on; what the controller does stays as it is. */
    void firmware(long newCapabilities) {
        nextCapabilities = newCapabilities;
    }

    /** Activates firmware that was waiting for a reset. */
    void activate() {
        capabilities = nextCapabilities;
    }

    /** Returns the version that a controller is of. */
    static int version(NvmeOptions options) {
        return options.version2() ? 0x0002_0000 : 0x0001_0400;
    }

    long read(long offset, int width) {
        int at = (int) offset;
        long word = Integer.toUnsignedLong(read32(at & ~3));
        return switch (width) {
            case 8 -> word | ((long) read32(at + 4) << 32);
            case 4 -> word;
            default -> word >>> (8 * (at & 3));
        };
    }

    /** Narrower writes than 32 bits have no effect: the specification leaves them undefined (section 3.1). */
    void write(long offset, int width, long value) {
        if (width < 4) {
            return;
        }
        int at = (int) offset;
        if (at >= DOORBELLS) {
            doorbells.ring(at - DOORBELLS, (int) value);
            return;
        }
        lock.lock();
        try {
            write32(at, (int) value);
            if (width == 8) {
                write32(at + 4, (int) (value >>> 32));
            }
        } finally {
            lock.unlock();
        }
        wake.run();
    }

    private int read32(int at) {
        return switch (at) {
            case CAP -> (int) capabilities;
            case CAP + 4 -> (int) (capabilities >>> 32);
            case VS -> version2 ? 0x0002_0000 : 0x0001_0400;
            case INTMS, INTMC -> interruptMask;
            case CC -> cc;
            case CSTS -> csts | (subsystemReset ? CSTS_SUBSYSTEM_RESET : 0);
            case AQA -> aqa;
            case ASQ -> (int) asq;
            case ASQ + 4 -> (int) (asq >>> 32);
            case ACQ -> (int) acq;
            case ACQ + 4 -> (int) (acq >>> 32);
            case CRTO -> version2 ? readyTimeout | (readyTimeout << 16) : 0;
            default -> 0;
        };
    }

    private void write32(int at, int value) {
        switch (at) {
            case INTMS -> interruptMask = interruptMask | value;
            case INTMC -> interruptMask = interruptMask & ~value;
            case CC -> {
                if ((cc & CC_ENABLE) != 0 && (value & CC_ENABLE) == 0) {
                    disables.incrementAndGet();
                }
                cc = value & (version2 ? CC_WRITABLE | CC_CRIME : CC_WRITABLE);
            }
            case CSTS -> {
                if ((value & CSTS_SUBSYSTEM_RESET) != 0) {
                    subsystemReset = false;
                }
            }
            case NSSR -> {
                if (value == RESET_SUBSYSTEM && (capabilities & CAP_NSSRS) != 0) {
                    subsystemResets.incrementAndGet();
                }
            }
            case AQA -> aqa = value & 0x0fff_0fff;
            case ASQ -> asq = (asq & ~0xffff_ffffL) | (value & 0xffff_f000L);
            case ASQ + 4 -> asq = (asq & 0xffff_ffffL) | ((long) value << 32);
            case ACQ -> acq = (acq & ~0xffff_ffffL) | (value & 0xffff_f000L);
            case ACQ + 4 -> acq = (acq & 0xffff_ffffL) | ((long) value << 32);
            default -> {
                // Read-only, reserved, or of a feature that the controller does not have.
            }
        }
    }

    // What follows is for the device's thread.

    /** Returns how often the enable bit has fallen. */
    int disables() {
        return disables.get();
    }

    /** Returns how often the subsystem was to be reset. */
    int subsystemResets() {
        return subsystemResets.get();
    }

    int cc() {
        return cc;
    }

    int csts() {
        return csts;
    }

    void csts(int value) {
        csts = value;
    }

    int aqa() {
        return aqa;
    }

    long asq() {
        return asq;
    }

    long acq() {
        return acq;
    }

    /** Returns the page size that the driver has chosen, in bytes. */
    long pageSize() {
        return 1L << (12 + ((cc >>> 7) & 0xf));
    }

    /** Sets everything to its value after power-on. */
    void clear() {
        clear(false);
    }

    /** Sets everything to its value after a reset of the subsystem. */
    void clearSubsystem() {
        clear(true);
    }

    private void clear(boolean subsystem) {
        lock.lock();
        try {
            cc = 0;
            csts = 0;
            aqa = 0;
            asq = 0;
            acq = 0;
            interruptMask = 0;
            subsystemReset = subsystem;
        } finally {
            lock.unlock();
        }
        doorbells.clear();
    }
}
