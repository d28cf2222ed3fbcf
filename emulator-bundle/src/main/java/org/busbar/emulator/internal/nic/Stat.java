package org.busbar.emulator.internal.nic;

/** Offsets of the counters, by their names in the datasheet (82574: section 10.2.7; 8254x manual: section 13.7). */
final class Stat {

    static final int FIRST = 0x4000;
    static final int END = 0x4128;

    /** Frames with a wrong frame check sequence. */
    static final int CRCERRS = 0x4000;
    static final int RXERRC = 0x400c;
    /** Frames for which there was no room in the packet buffer. */
    static final int MPC = 0x4010;
    static final int RLEC = 0x4040;
    static final int XONRXC = 0x4048;
    static final int XONTXC = 0x404c;
    static final int XOFFRXC = 0x4050;
    static final int XOFFTXC = 0x4054;
    /** Pause frames while RFCE is off. */
    static final int FCRUC = 0x4058;
    /** The first of six, by size. */
    static final int PRC64 = 0x405c;
    static final int GPRC = 0x4074;
    static final int BPRC = 0x4078;
    static final int MPRC = 0x407c;
    static final int GPTC = 0x4080;
    static final int GORCL = 0x4088;
    static final int GOTCL = 0x4090;
    /** Frames that found no descriptor at first. */
    static final int RNBC = 0x40a0;
    static final int RUC = 0x40a4;
    static final int RFC = 0x40a8;
    static final int ROC = 0x40ac;
    static final int RJC = 0x40b0;
    static final int TORL = 0x40c0;
    static final int TOTL = 0x40c8;
    static final int TPR = 0x40d0;
    static final int TPT = 0x40d4;
    /** The first of six, by size. */
    static final int PTC64 = 0x40d8;
    static final int MPTC = 0x40f0;
    static final int BPTC = 0x40f4;
    static final int TSCTC = 0x40f8;
    static final int TSCTFC = 0x40fc;
    static final int IAC = 0x4100;

    private static final int FCS = 4;

    private Stat() {}

    /** Returns whether an offset is that of a counter. */
    static boolean isAt(int offset) {
        return offset >= FIRST && offset < END;
    }

    /** Returns whether an offset is that of the lower half of a counter of two registers. */
    static boolean isLowerHalf(int offset) {
        return offset == GORCL || offset == GOTCL || offset == TORL || offset == TOTL;
    }

    /** Returns the offset, among six counters, of that for a frame so long without its frame check sequence. */
    static int sizeClass(int length) {
        int octets = length + FCS;
        int index = octets <= 64 ? 0 : Math.min(5, 26 - Integer.numberOfLeadingZeros(octets));
        return 4 * index;
    }
}
