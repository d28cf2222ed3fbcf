package org.busbar.driver.nic;

import org.busbar.pci.Bar;

/** The transmit unit (7.2, 10.2.6; SDM 3.3, 13.4.33 to 13.4.44). */
final class TransmitRegisters {

    private static final long TCTL = 0x0400;
    private static final long TIPG = 0x0410;
    private static final long TDBAL = 0x3800;
    private static final long TDBAH = 0x3804;
    private static final long TDLEN = 0x3808;
    private static final long TDH = 0x3810;
    private static final long TDT = 0x3818;
    private static final long TIDV = 0x3820;
    private static final long TXDCTL = 0x3828;
    private static final long QUEUE = 0x100;

    /** TCTL: enable, pad short packets, collision threshold 15, collision distance 64. */
    private static final int RUN = 1 << 1 | 1 << 3 | 15 << 4 | 64 << 12;

    /** TCTL.MULR of the 82574, which reads several descriptors at a time as it does after a reset. */
    private static final int SEVERAL_REQUESTS = 1 << 28;

    /** TIPG: the gaps that the manuals give for copper, 8, 8 and 6. */
    private static final int COPPER_GAPS = 8 | 8 << 10 | 6 << 20;

    /** TXDCTL: thresholds count descriptors, each is written back on its own; bit 22 must be set (10.2.6.9). */
    private static final int EACH_WRITTEN_BACK = 1 << 24 | 1 << 22 | 1 << 16;

    private final Bar bar;
    private final Family family;

    TransmitRegisters(Bar bar, Family family) {
        this.bar = bar;
        this.family = family;
    }

    void enable(boolean on) {
        bar.write32(TIPG, COPPER_GAPS);
        bar.write32(TCTL, on ? RUN | (family.express() ? SEVERAL_REQUESTS : 0) : 0);
    }

    /** Hands over an empty ring. */
    void ring(int queue, long ring, int bytes) {
        long at = QUEUE * queue;
        bar.write32(at + TDBAL, (int) ring);
        bar.write32(at + TDBAH, (int) (ring >>> 32));
        bar.write32(at + TDLEN, bytes);
        bar.write32(at + TDH, 0);
        bar.write32(at + TDT, 0);
        bar.write32(at + TIDV, 0);
        bar.write32(at + TXDCTL, EACH_WRITTEN_BACK);
    }

    /** Returns the descriptor that the controller is at, if it can be believed. */
    int head(int queue) {
        return bar.read32(QUEUE * queue + TDH);
    }

    void tail(int queue, int index) {
        bar.write32(QUEUE * queue + TDT, index);
    }

    /** Whether everything that was handed over has been fetched. */
    boolean idle() {
        for (int queue = 0; queue < family.queues(); queue++) {
            if (bar.read32(QUEUE * queue + TDH) != bar.read32(QUEUE * queue + TDT)) {
                return false;
            }
        }
        return true;
    }
}
