package org.busbar.emulator.internal.nic;

import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.MemorySegment;

/** Which VLANs are wanted (82574: section 7.1.1.4; 8254x manual: section 9.3). Device's thread only. */
final class VlanFilter {

    private final NicRegisters registers;

    VlanFilter(NicRegisters registers) {
        this.registers = registers;
    }

    /** Returns whether a frame has a tag of the type that VET says. */
    boolean isTagged(MemorySegment frame) {
        return (frame.get(SHORT, 12) & 0xffff) == (registers.get(Reg.VET) & 0xffff);
    }

    /** Returns the tag of a frame that has one. */
    static int tag(MemorySegment frame) {
        return frame.get(SHORT, 14) & 0xffff;
    }

    /** Frames without a tag are wanted always. */
    boolean wants(int tag, int rctl) {
        if ((rctl & Reg.RCTL_VLAN_FILTER) == 0) {
            return true;
        }
        int id = tag & 0xfff;
        boolean listed = (registers.get(Reg.VFTA + 4 * (id >>> 5)) >>> (id & 31) & 1) != 0;
        boolean cfi = (tag >>> 12 & 1) != 0;
        return listed && ((rctl & Reg.RCTL_CFI_FILTER) == 0 || cfi == ((rctl & Reg.RCTL_CFI) != 0));
    }
}
