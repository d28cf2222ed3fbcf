package org.busbar.emulator.internal.nvme;

/**
 * What a command says about protection information (section 8.3): what is to be checked or generated. One per use, filled
 * anew for each command.
 */
final class ProtectionTags {

    private static final int ACT = 1 << 3;
    private static final int CHECK_GUARD = 1 << 2;
    private static final int CHECK_APPLICATION = 1 << 1;
    private static final int CHECK_REFERENCE = 1;

    private int info;
    private int application;
    private int mask;
    private int reference;

    /** From dwords 12, 14 and 15 of a command that reads, writes, compares or verifies. */
    ProtectionTags of(Command command) {
        return of(command.dword(12) >>> 26, command.dword(14), command.dword(15));
    }

    /**
     * @param prinfo the field PRINFO: PRACT and PRCHK
     * @param initialReference reference tag of the first block
     * @param applicationAndMask application tag, and its mask in the upper half
     */
    ProtectionTags of(int prinfo, int initialReference, int applicationAndMask) {
        info = prinfo & 0xf;
        reference = initialReference;
        application = applicationAndMask & 0xffff;
        mask = applicationAndMask >>> 16;
        return this;
    }

    /** Returns whether the controller inserts, replaces or strips protection information. */
    boolean act() {
        return (info & ACT) != 0;
    }

    boolean checksAnything() {
        return (info & (CHECK_GUARD | CHECK_APPLICATION | CHECK_REFERENCE)) != 0;
    }

    boolean checksGuard() {
        return (info & CHECK_GUARD) != 0;
    }

    boolean checksReference() {
        return (info & CHECK_REFERENCE) != 0;
    }

    /** Returns whether an application tag is to be refused. */
    boolean refuses(int applicationTag) {
        return (info & CHECK_APPLICATION) != 0 && ((applicationTag ^ application) & mask) != 0;
    }

    int application() {
        return application;
    }

    /** Returns the reference tag of the first block. */
    int reference() {
        return reference;
    }

    /** Goes on to later blocks. */
    void advance(int blocks) {
        reference += blocks;
    }
}
