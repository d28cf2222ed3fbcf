package org.busbar.driver.nic;

import org.busbar.pci.Bar;

/**
 * The receive unit (7.1, 10.2.5; SDM 3.2, 13.4.22 to 13.4.32). RCTL is written only where it changes, because writing it makes
 * some controllers pause. Thread-safe.
 */
final class ReceiveRegisters {

    private static final long RCTL = 0x0100;
    private static final long RDBAL = 0x2800;
    private static final long RDBAH = 0x2804;
    private static final long RDLEN = 0x2808;
    private static final long RDH = 0x2810;
    private static final long RDT = 0x2818;
    private static final long RDTR = 0x2820;
    private static final long RXDCTL = 0x2828;
    private static final long RADV = 0x282c;
    private static final long RXCSUM = 0x5000;
    private static final long RFCTL = 0x5008;
    private static final long QUEUE = 0x100;

    static final int SMALLEST_BUFFER = 256;
    private static final int LARGEST_BUFFER = 16_384;

    private static final int ENABLE = 1 << 1;
    private static final int ALL_STATIONS = 1 << 3;
    private static final int ALL_GROUPS = 1 << 4;
    private static final int LONG_FRAMES = 1 << 5;
    private static final int BROADCAST = 1 << 15;
    private static final int VLAN_FILTER = 1 << 18;
    private static final int STRIP_FCS = 1 << 26;

    /** RXDCTL: thresholds count descriptors, and each is written back on its own. */
    private static final int EACH_WRITTEN_BACK = 1 << 24 | 1 << 16;

    /** RXCSUM: checksums of IPv4 headers, of TCP and UDP; and a hash in the place of the sum of everything. */
    private static final int CHECKSUMS = 1 << 8 | 1 << 9;

    private static final int HASH = 1 << 13;
    private static final int EXTENDED = 1 << 15;

    /** RCTL.BSIZE, and BSEX for sizes from 4,096. */
    private static final int BUFFER_SIZE = 3 << 16 | 1 << 25;

    private final Bar bar;
    /** What RCTL is to be. Guarded by this. */
    private int control = BROADCAST | STRIP_FCS;

    ReceiveRegisters(Bar bar) {
        this.bar = bar;
    }

    /** Stops and forgets what has been chosen, as a reset does. */
    synchronized void clear() {
        control = BROADCAST | STRIP_FCS;
        bar.write32(RCTL, 0);
    }

    /** Turns receiving on or off: not before rings are there. */
    synchronized void enable(boolean on) {
        change(ENABLE, on);
    }

    /** RCTL.UPE, MPE and VFE. */
    synchronized void accept(boolean allStations, boolean allGroups, boolean vlansChosen) {
        change(ALL_STATIONS, allStations);
        change(ALL_GROUPS, allGroups);
        change(VLAN_FILTER, vlansChosen);
    }

    /** RCTL.LPE: frames of more than 1,522 bytes. */
    synchronized void longFrames(boolean on) {
        change(LONG_FRAMES, on);
    }

    /** Returns the largest size of buffers that there is up to a number of bytes; 0 if it is below the smallest. */
    static int bufferSize(int bytes) {
        int size = Math.min(Integer.highestOneBit(bytes), LARGEST_BUFFER);
        return size < SMALLEST_BUFFER ? 0 : size;
    }

    /** Chooses size and kind of what is received into; to be called while that is off. */
    synchronized void buffers(int size, boolean extended) {
        int code = size > 2048
                ? 1 << 25 | (Integer.numberOfTrailingZeros(LARGEST_BUFFER / size) + 1) << 16
                : Integer.numberOfTrailingZeros(2048 / size) << 16;
        control = (control & ~BUFFER_SIZE) | code;
        if (extended) {
            bar.write32(RFCTL, EXTENDED);
        }
        bar.write32(RXCSUM, CHECKSUMS | (extended ? HASH : 0));
    }

    private void change(int bit, boolean on) {
        int wanted = on ? control | bit : control & ~bit;
        if (wanted != control) {
            control = wanted;
            // What is off has no need to know; it is told when it is turned on.
            if ((wanted & ENABLE) != 0 || bit == ENABLE) {
                bar.write32(RCTL, on || bit != ENABLE ? wanted : 0);
            }
        }
    }

    /** Hands over an empty ring. */
    void ring(int queue, long ring, int bytes) {
        long at = QUEUE * queue;
        bar.write32(RDTR, 0);
        bar.write32(RADV, 0);
        bar.write32(at + RDBAL, (int) ring);
        bar.write32(at + RDBAH, (int) (ring >>> 32));
        bar.write32(at + RDLEN, bytes);
        bar.write32(at + RDH, 0);
        bar.write32(at + RDT, 0);
        bar.write32(at + RXDCTL, EACH_WRITTEN_BACK);
    }

    /** Returns the descriptor that the controller is at, if it can be believed. */
    int head(int queue) {
        return bar.read32(QUEUE * queue + RDH);
    }

    void tail(int queue, int index) {
        bar.write32(QUEUE * queue + RDT, index);
    }
}
