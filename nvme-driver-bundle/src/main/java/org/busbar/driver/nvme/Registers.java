package org.busbar.driver.nvme;

import org.busbar.pci.Bar;

/**
 * The controller's registers (NVMe Base 1.4, section 3.1), by their names in the specification. Offsets are into BAR0.
 */
final class Registers {

    /** CSTS.CFS, controller fatal status. */
    static final int CSTS_CFS = 1 << 1;

    /** What a read gives when nobody answers. */
    static final int ALL_ONES = 0xffff_ffff;

    /** Bytes of BAR0 up to the end of the admin queue's doorbells, which are the first whatever CAP.DSTRD is. */
    static final long MIN_SIZE = 0x1008;

    private static final long CAP = 0x00;
    private static final long VS = 0x08;
    private static final long CC = 0x14;
    private static final long CSTS = 0x1c;
    private static final long AQA = 0x24;
    private static final long ASQ = 0x28;
    private static final long ACQ = 0x30;
    private static final long CRTO = 0x68;
    private static final long DOORBELLS = 0x1000;

    private static final int CC_EN = 1;
    /** CC.IOSQES 2^6 and CC.IOCQES 2^4 bytes (3.1.5): the only entry sizes of the NVM command set. */
    private static final int CC_ENTRY_SIZES = 6 << 16 | 4 << 20;

    private static final long UNIT_MILLIS = 500;
    /** CAP.CRMS, lower bit: the controller says how long it takes to be ready with its media. */
    private static final int CAP_CRWMS = 59;

    private static final int CC_SHN_MASK = 3 << 14;
    private static final int CC_SHN_NORMAL = 1 << 14;

    private final Bar bar;
    private final int doorbellShift;
    private volatile long cap;

    Registers(Bar bar) {
        this.bar = bar;
        this.cap = bar.read64(CAP);
        this.doorbellShift = doorbellShift(cap);
    }

    /** Reads the capabilities again: they change only if a reset has activated other firmware. */
    void readCapabilities() {
        long now = bar.read64(CAP);
        if (isPlausible(now)) {
            cap = now;
        }
    }

    /** Whether the doorbells are elsewhere than they were when the registers were found. */
    boolean hasMovedDoorbells() {
        return doorbellShift(cap) != doorbellShift;
    }

    /** Returns whether nobody answers: reads give all ones on hardware, zeros in some virtual machines. */
    boolean answersNot() {
        return !isPlausible(bar.read64(CAP)) || csts() == ALL_ONES;
    }

    /** CAP is never all zeros on a controller that is there, since CAP.MQES and CAP.CSS are not. */
    private static boolean isPlausible(long capabilities) {
        return capabilities != 0 && capabilities != -1;
    }

    /** CAP.MQES: entries per I/O queue, here counted from one. */
    int maxQueueEntries() {
        return (int) (cap & 0xffff) + 1;
    }

    /** CAP.TO: the longest that CSTS.RDY may take to follow CC.EN, in milliseconds. */
    long timeoutMillis() {
        return Math.max(1, cap >>> 24 & 0xff) * UNIT_MILLIS;
    }

    /**
     * The longest that CSTS.RDY may take to rise, in milliseconds: CRTO.CRWMT of controllers that have it (NVMe Base 2.0,
     * sections 3.1.3.1 and 3.1.3.26), since CAP.TO cannot say more than 127.5 s; never less than CAP.TO.
     */
    long readyMillis() {
        if ((cap >>> CAP_CRWMS & 1) == 0) {
            return timeoutMillis();
        }
        return Math.max(timeoutMillis(), (bar.read32(CRTO) & 0xffff) * UNIT_MILLIS);
    }

    /** CAP.MPSMIN: the smallest memory page size, as a power of two. */
    int minPageShift() {
        return 12 + (int) (cap >>> 48 & 0xf);
    }

    /** CAP.CSS bit 0: whether the controller has the NVM command set. */
    boolean hasNvmCommandSet() {
        return (cap >>> 37 & 1) != 0;
    }

    int version() {
        return bar.read32(VS);
    }

    boolean versionAtLeast(int major, int minor) {
        return Integer.compareUnsigned(version() >>> 8, major << 8 | minor) >= 0;
    }

    boolean failed() {
        return (csts() & CSTS_CFS) != 0;
    }

    int csts() {
        return bar.read32(CSTS);
    }

    boolean ready() {
        return (csts() & 1) != 0;
    }

    boolean enabled() {
        return (bar.read32(CC) & CC_EN) != 0;
    }

    /** CSTS.SHST: whether shutdown processing is complete. */
    boolean shutdownComplete() {
        return (csts() >>> 2 & 3) == 2;
    }

    void disable() {
        bar.write32(CC, bar.read32(CC) & ~CC_EN);
    }

    /** Turns the controller on with pages of 4 KiB, the NVM command set and round-robin arbitration. */
    void enable() {
        bar.write32(CC, CC_ENTRY_SIZES | CC_EN);
    }

    void notifyShutdown() {
        bar.write32(CC, (bar.read32(CC) & ~CC_SHN_MASK) | CC_SHN_NORMAL);
    }

    void adminQueues(int entries, long submission, long completion) {
        bar.write32(AQA, (entries - 1) << 16 | (entries - 1));
        bar.write64(ASQ, submission);
        bar.write64(ACQ, completion);
    }

    /** Whether the controller is enabled, ready and well, with an admin queue of this size at these addresses. */
    boolean isRunningWith(int entries, long submission, long completion) {
        int sizes = (entries - 1) << 16 | (entries - 1);
        return bar.read32(CC) == (CC_ENTRY_SIZES | CC_EN)
                && (csts() & (1 | CSTS_CFS)) == 1
                && bar.read32(AQA) == sizes
                && bar.read64(ASQ) == submission
                && bar.read64(ACQ) == completion;
    }

    /** Returns whether the function looks gone: nobody answers, or another controller than the one that was started. */
    boolean looksGone() {
        return csts() == ALL_ONES || bar.read64(CAP) != cap;
    }

    /** Offset of the submission queue's tail doorbell (3.1.16). */
    long submissionDoorbell(int queue) {
        return DOORBELLS + ((2L * queue) << doorbellShift);
    }

    /** Offset of the completion queue's head doorbell (3.1.17). */
    long completionDoorbell(int queue) {
        return DOORBELLS + ((2L * queue + 1) << doorbellShift);
    }

    /** CAP.DSTRD: the stride of doorbells is 4 << DSTRD bytes. */
    private static int doorbellShift(long capabilities) {
        return 2 + (int) (capabilities >>> 32 & 0xf);
    }

    Bar bar() {
        return bar;
    }
}
