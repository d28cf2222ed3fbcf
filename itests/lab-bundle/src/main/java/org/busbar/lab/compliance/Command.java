package org.busbar.lab.compliance;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A submission queue entry (section 4.2, figure 104), put together field by field. Any value may be set, wrong ones too. */
final class Command {

    /** Bytes of an entry. */
    static final int BYTES = 64;

    private final int opcode;
    private int flags;
    private int nsid;
    private long prp1;
    private long prp2;
    private final int[] dwords = new int[6];

    Command(int opcode) {
        this.opcode = opcode;
    }

    /** FUSE in bits 1:0, PSDT in bits 7:6. */
    Command flags(int value) {
        flags = value;
        return this;
    }

    Command nsid(int value) {
        nsid = value;
        return this;
    }

    Command prp(long first, long second) {
        prp1 = first;
        prp2 = second;
        return this;
    }

    /** Sets command dword 10 to 15. */
    Command cdw(int number, int value) {
        dwords[number - 10] = value;
        return this;
    }

    void write(MemorySegment ring, long at, int cid) {
        ring.asSlice(at, BYTES).fill((byte) 0);
        ring.set(ValueLayout.JAVA_INT, at, cid << 16 | flags << 8 | opcode);
        ring.set(ValueLayout.JAVA_INT, at + 4, nsid);
        ring.set(ValueLayout.JAVA_LONG, at + 24, prp1);
        ring.set(ValueLayout.JAVA_LONG, at + 32, prp2);
        for (int i = 0; i < dwords.length; i++) {
            ring.set(ValueLayout.JAVA_INT, at + 40 + 4L * i, dwords[i]);
        }
    }
}
