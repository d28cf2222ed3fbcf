package org.busbar.emulator.internal.nic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Which frames are wanted by address (82574: section 7.1.1; 8254x manual: section 3.2.1). */
final class ReceiveFilter {

    /** What was found. */
    enum Verdict {
        REJECTED,
        EXACT,
        /** Matched the hash of the multicast table: software has to look again. */
        INEXACT
    }

    private static final long EVERYBODY = 0xffff_ffff_ffffL;

    private final NicRegisters registers;

    ReceiveFilter(NicRegisters registers) {
        this.registers = registers;
    }

    Verdict judge(MemorySegment frame, int rctl) {
        long destination = destination(frame);
        if (destination == EVERYBODY && (rctl & (Reg.RCTL_BROADCAST | Reg.RCTL_MULTICAST_PROMISCUOUS)) != 0) {
            return Verdict.EXACT;
        }
        boolean group = (destination & 1) != 0;
        int promiscuous = group ? Reg.RCTL_MULTICAST_PROMISCUOUS : Reg.RCTL_UNICAST_PROMISCUOUS;
        if (isListed(destination) || (rctl & promiscuous) != 0) {
            return Verdict.EXACT;
        }
        return group && destination != EVERYBODY && isHashed(destination, rctl) ? Verdict.INEXACT : Verdict.REJECTED;
    }

    /** Returns the destination as the registers have it, first octet lowest. */
    static long destination(MemorySegment frame) {
        return destination(frame, 0);
    }

    /** Returns the destination of a frame that begins somewhere in a segment. */
    static long destination(MemorySegment frame, long offset) {
        return (frame.get(ValueLayout.JAVA_INT_UNALIGNED, offset) & 0xffff_ffffL)
                | ((frame.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 4) & 0xffffL) << 32);
    }

    static boolean isEverybody(long destination) {
        return destination == EVERYBODY;
    }

    static boolean isGroup(long destination) {
        return (destination & 1) != 0;
    }

    private boolean isListed(long destination) {
        for (int i = 0; i < Reg.RECEIVE_ADDRESSES; i++) {
            int high = registers.get(Reg.RAH + 8 * i);
            boolean asDestination = (high & (Reg.RAH_VALID | 3 << 16)) == Reg.RAH_VALID;
            if (asDestination
                    && (int) destination == registers.get(Reg.RAL + 8 * i)
                    && (int) (destination >>> 32) == (high & 0xffff)) {
                return true;
            }
        }
        return false;
    }

    /** RCTL.MO chooses the 12 bits of the address that index the table of 4,096 bits. */
    private boolean isHashed(long destination, int rctl) {
        int shift =
                switch ((rctl >>> 12) & 3) {
                    case 0 -> 36;
                    case 1 -> 35;
                    case 2 -> 34;
                    default -> 32;
                };
        int hash = (int) (destination >>> shift) & 0xfff;
        return ((registers.get(Reg.MTA + 4 * (hash >>> 5)) >>> (hash & 31)) & 1) != 0;
    }
}
