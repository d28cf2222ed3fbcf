package org.busbar.driver.nic;

import org.busbar.pci.Bar;

/**
 * Causes, masks and vectors of interrupts (7.4, 10.2.4; SDM 13.4.17 to 13.4.21). With MSI-X the causes of a queue have bits of
 * their own, and each cause is cleared as its message is sent; otherwise reading ICR tells and clears them all.
 */
final class InterruptRegisters {

    /** Link status change. */
    static final int LSC = 1 << 2;
    /** Frames have arrived: RXDMT0 (few descriptors left), RXO (none left) and RXT0 (any). Without MSI-X. */
    static final int RECEIVED = 1 << 4 | 1 << 6 | 1 << 7;
    /** With MSI-X: whatever is no queue's. */
    static final int OTHER = 1 << 24;

    /** LSC, RXO, MDAC, SRPD, ACK and MNG: while one of them is set, masked or not, OTHER comes back at once. */
    static final int ALL_OTHER_CAUSES = OTHER | LSC | 1 << 6 | 1 << 9 | 1 << 16 | 1 << 17 | 1 << 18;

    /** ITR and EITR count in 256 ns, with 16 bits. */
    static final int INTERVAL_NANOS = 256;

    static final int MAX_INTERVAL = 0xffff;

    private static final int RXQ0 = 1 << 20;

    private static final long ICR = 0x00c0;
    private static final long ITR = 0x00c4;
    private static final long IMS = 0x00d0;
    private static final long IMC = 0x00d8;
    private static final long EIAC = 0x00dc;
    private static final long IVAR = 0x00e4;
    private static final long EITR = 0x00e8;

    private static final int IVAR_VALID = 8;

    private final Bar bar;

    InterruptRegisters(Bar bar) {
        this.bar = bar;
    }

    /** With MSI-X: frames have arrived in a queue. */
    static int received(int queue) {
        return RXQ0 << queue;
    }

    /** Masks everything, and forgets what has happened. */
    void maskAll() {
        bar.write32(IMC, ControlRegisters.ALL_ONES);
        bar.read32(ICR);
    }

    /** With MSI-X: leads a vector to each receive queue, and the one after them to everything else. */
    void route(int queues) {
        int vectors = 0;
        int cleared = OTHER;
        for (int queue = 0; queue < queues; queue++) {
            vectors |= (IVAR_VALID | queue) << (4 * queue);
            cleared |= received(queue);
        }
        // Four bits each for RXQ0, RXQ1, TXQ0, TXQ1 and OTHER (10.2.4.9). That a frame has left interrupts nobody.
        bar.write32(IVAR, vectors | (IVAR_VALID | queues) << 16);
        bar.write32(EIAC, cleared);
    }

    void unmask(int causes) {
        bar.write32(IMS, causes);
    }

    void mask(int causes) {
        bar.write32(IMC, causes);
    }

    void clear(int causes) {
        bar.write32(ICR, causes);
    }

    /** Without MSI-X: returns what has happened since the last call, and has the interrupt taken back. */
    int take() {
        return bar.read32(ICR);
    }

    /** Has interrupts come at least {@code interval} times {@link #INTERVAL_NANOS} apart; 0 for as they come. */
    void throttle(int interval, int vectors) {
        bar.write32(ITR, interval);
        for (int vector = 0; vector < vectors; vector++) {
            bar.write32(EITR + 4L * vector, interval);
        }
    }
}
