package org.busbar.emulator.internal.nic;

/**
 * Counts frames (82574: section 10.2.7; 8254x manual: section 13.7). Lengths are without the frame check sequence. Device's
 * thread only.
 */
final class Statistics {

    private static final int FCS = 4;

    private final NicRegisters registers;

    Statistics(NicRegisters registers) {
        this.registers = registers;
    }

    void count(int counter) {
        registers.count(counter, 1);
    }

    void count(int counter, long more) {
        registers.count(counter, (int) Math.min(more, Integer.MAX_VALUE));
    }

    /** A frame has arrived, wanted or not, good or bad. */
    void arrived(int length) {
        registers.count(Stat.TPR, 1);
        registers.count64(Stat.TORL, length + FCS);
    }

    /** A good frame has passed the filters. */
    void received(int length, long destination) {
        registers.count(Stat.GPRC, 1);
        registers.count64(Stat.GORCL, length + FCS);
        registers.count(Stat.PRC64 + Stat.sizeClass(length), 1);
        if (ReceiveFilter.isGroup(destination)) {
            registers.count(ReceiveFilter.isEverybody(destination) ? Stat.BPRC : Stat.MPRC, 1);
        }
    }

    /** A frame was sent. */
    void sent(int length, long destination) {
        registers.count(Stat.TPT, 1);
        registers.count(Stat.GPTC, 1);
        registers.count64(Stat.GOTCL, length + FCS);
        registers.count64(Stat.TOTL, length + FCS);
        registers.count(Stat.PTC64 + Stat.sizeClass(length), 1);
        if (ReceiveFilter.isGroup(destination)) {
            registers.count(ReceiveFilter.isEverybody(destination) ? Stat.BPTC : Stat.MPTC, 1);
        }
    }
}
