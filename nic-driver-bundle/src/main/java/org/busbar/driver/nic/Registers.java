package org.busbar.driver.nic;

import java.util.OptionalLong;
import org.busbar.net.LinkState;
import org.busbar.pci.Bar;

/**
 * The controller's registers by their names in the 82574 datasheet (revision 3.4, section 10.2). Offsets are into BAR0.
 */
final class Registers {

    /** Causes and masks of interrupts (10.2.4): receive queue 0, link status change, and whatever is no queue's. */
    static final int RXQ0 = 1 << 20;

    static final int LSC = 1 << 2;
    static final int OTHER = 1 << 24;

    /** LSC, RXO, MDAC, SRPD, ACK and MNG: while one of them is set, masked or not, OTHER comes back at once. */
    static final int ALL_OTHER_CAUSES = OTHER | LSC | 1 << 6 | 1 << 9 | 1 << 16 | 1 << 17 | 1 << 18;

    /** What a read gives when nobody answers: all ones on hardware, zeros in some virtual machines. */
    private static final int ALL_ONES = 0xffff_ffff;

    // 10.2.2, general
    private static final long CTRL = 0x0000;
    private static final long STATUS = 0x0008;
    private static final long EECD = 0x0010;
    private static final long EERD = 0x0014;
    private static final long CTRL_EXT = 0x0018;
    // 10.2.4, interrupts
    private static final long ICR = 0x00c0;
    private static final long IMS = 0x00d0;
    private static final long IMC = 0x00d8;
    private static final long EIAC = 0x00dc;
    private static final long IVAR = 0x00e4;
    // 10.2.5, receive
    private static final long RCTL = 0x0100;
    private static final long RDBAL = 0x2800;
    private static final long RDBAH = 0x2804;
    private static final long RDLEN = 0x2808;
    private static final long RDH = 0x2810;
    private static final long RDT = 0x2818;
    private static final long RXDCTL = 0x2828;
    private static final long RFCTL = 0x5008;
    private static final long MTA = 0x5200;
    private static final long RAL = 0x5400;
    private static final long RAH = 0x5404;
    // 10.2.6, transmit
    private static final long TCTL = 0x0400;
    private static final long TIPG = 0x0410;
    private static final long TDBAL = 0x3800;
    private static final long TDBAH = 0x3804;
    private static final long TDLEN = 0x3808;
    private static final long TDH = 0x3810;
    private static final long TDT = 0x3818;
    private static final long TXDCTL = 0x3828;
    // 10.2.7, statistics; all are cleared by reading
    private static final long CRCERRS = 0x4000;
    private static final long RXERRC = 0x400c;
    private static final long MPC = 0x4010;
    private static final long RLEC = 0x4040;

    private static final int CTRL_MASTER_DISABLE = 1 << 2;
    private static final int CTRL_LINK_UP = 1 << 6;
    private static final int CTRL_RST = 1 << 26;
    /** CTRL.ILOS, FRCSPD, FRCDPX, RFCE, TFCE, VME: let the PHY decide, no flow control, leave VLAN tags alone. */
    private static final int CTRL_FORCED = 1 << 7 | 1 << 11 | 1 << 12 | 1 << 27 | 1 << 28 | 1 << 30;

    private static final int STATUS_FULL_DUPLEX = 1;
    private static final int STATUS_LINK_UP = 1 << 1;
    private static final int STATUS_MASTER_ENABLED = 1 << 19;

    private static final int EECD_AUTO_READ_DONE = 1 << 9;
    private static final int EERD_START = 1;
    private static final int EERD_DONE = 1 << 1;

    private static final int CTRL_EXT_DRIVER_LOADED = 1 << 28;

    /** RXQ0 and TXQ0 go to vector 0, everything else to vector 1; bit 3 of each field says valid. */
    private static final int IVAR_TWO_VECTORS = 8 | 8 << 8 | (8 | 1) << 16;

    /** RCTL: enable, accept broadcast, buffers of 2,048 bytes, strip the frame check sequence. */
    private static final int RCTL_RUN = 1 << 1 | 1 << 15 | 1 << 26;

    /** TCTL: enable, pad short packets, collision threshold 15, collision distance 64. */
    private static final int TCTL_RUN = 1 << 1 | 1 << 3 | 15 << 4 | 64 << 12;

    /** RXDCTL and TXDCTL: thresholds in descriptors, each written back on its own; bit 22 of TXDCTL must be set. */
    private static final int DESCRIPTOR_GRANULARITY = 1 << 24;

    private static final int TXDCTL_MUST_BE_SET = 1 << 22;

    /** TIPG: the gaps that the datasheet gives for copper, 8, 8 and 6. */
    private static final int TIPG_COPPER = 8 | 8 << 10 | 6 << 20;

    private static final int RAH_VALID = 1 << 31;
    private static final int MTA_ENTRIES = 128;

    private final Bar bar;

    Registers(Bar bar) {
        this.bar = bar;
    }

    /** Whether the function looks gone. CTRL is never zero while it is driven: {@link #setLinkUp} sets a bit. */
    boolean looksGone() {
        int ctrl = bar.read32(CTRL);
        return ctrl == ALL_ONES || ctrl == 0;
    }

    /** Whether nobody answers, before CTRL has been written. */
    boolean silent() {
        int status = bar.read32(STATUS);
        return status == ALL_ONES || status == 0;
    }

    // --- reset (section 4.6)

    void disableMaster() {
        bar.write32(CTRL, bar.read32(CTRL) | CTRL_MASTER_DISABLE);
    }

    boolean masterDisabled() {
        return (bar.read32(STATUS) & STATUS_MASTER_ENABLED) == 0;
    }

    void reset() {
        bar.write32(CTRL, bar.read32(CTRL) | CTRL_RST);
    }

    /** Whether a reset is over, and the settings have been read from the NVM. */
    boolean resetDone() {
        return (bar.read32(CTRL) & CTRL_RST) == 0 && (bar.read32(EECD) & EECD_AUTO_READ_DONE) != 0;
    }

    void driverLoaded() {
        bar.write32(CTRL_EXT, bar.read32(CTRL_EXT) | CTRL_EXT_DRIVER_LOADED);
    }

    // --- address

    /** The address that the controller has loaded from its NVM, first octet most significant. */
    OptionalLong loadedAddress() {
        int high = bar.read32(RAH);
        if ((high & RAH_VALID) == 0) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(octets(bar.read32(RAL), high));
    }

    /** Starts reading a word of the NVM. */
    void readNvm(int word) {
        bar.write32(EERD, word << 2 | EERD_START);
    }

    boolean nvmRead() {
        return (bar.read32(EERD) & EERD_DONE) != 0;
    }

    int nvmWord() {
        return bar.read32(EERD) >>> 16;
    }

    /** Receives frames to one address, and to no group but everybody. */
    void filter(long address) {
        long reversed = Long.reverseBytes(address) >>> 16;
        bar.write32(RAL, (int) reversed);
        bar.write32(RAH, (int) (reversed >>> 32) | RAH_VALID);
        for (int i = 0; i < MTA_ENTRIES; i++) {
            bar.write32(MTA + 4L * i, 0);
        }
    }

    /** The registers have the first octet lowest. */
    private static long octets(int low, int high) {
        return Long.reverseBytes(((high & 0xffffL) << 32) | (low & 0xffff_ffffL)) >>> 16;
    }

    // --- link

    /** CTRL.SLU: takes the link up, at what the PHY has negotiated. */
    void setLinkUp() {
        bar.write32(CTRL, (bar.read32(CTRL) & ~(CTRL_FORCED | CTRL_MASTER_DISABLE)) | CTRL_LINK_UP);
    }

    LinkState link() {
        int status = bar.read32(STATUS);
        if ((status & STATUS_LINK_UP) == 0 || status == ALL_ONES) {
            return LinkState.DOWN;
        }
        int speed =
                switch (status >>> 6 & 3) {
                    case 0 -> 10;
                    case 1 -> 100;
                    default -> 1000;
                };
        return new LinkState(true, speed, (status & STATUS_FULL_DUPLEX) != 0);
    }

    // --- interrupts (section 7.4)

    /** Masks everything, and forgets what has happened. */
    void maskAll() {
        bar.write32(IMC, ALL_ONES);
        bar.read32(ICR);
    }

    /** Leads causes to vectors; a cause is cleared when its message is sent. */
    void routeInterrupts() {
        bar.write32(IVAR, IVAR_TWO_VECTORS);
        bar.write32(EIAC, RXQ0 | OTHER);
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

    // --- receive

    /** Hands over an empty ring and starts. */
    void startReceive(long ring, int bytes) {
        bar.write32(RFCTL, 0);
        bar.write32(RDBAL, (int) ring);
        bar.write32(RDBAH, (int) (ring >>> 32));
        bar.write32(RDLEN, bytes);
        bar.write32(RDH, 0);
        bar.write32(RDT, 0);
        bar.write32(RXDCTL, DESCRIPTOR_GRANULARITY | 1 << 16);
        bar.write32(RCTL, RCTL_RUN);
    }

    void receiveTail(int index) {
        bar.write32(RDT, index);
    }

    // --- transmit

    void startTransmit(long ring, int bytes) {
        bar.write32(TDBAL, (int) ring);
        bar.write32(TDBAH, (int) (ring >>> 32));
        bar.write32(TDLEN, bytes);
        bar.write32(TDH, 0);
        bar.write32(TDT, 0);
        bar.write32(TIPG, TIPG_COPPER);
        bar.write32(TXDCTL, DESCRIPTOR_GRANULARITY | TXDCTL_MUST_BE_SET | 1 << 16);
        bar.write32(TCTL, TCTL_RUN);
    }

    void transmitTail(int index) {
        bar.write32(TDT, index);
    }

    /** Whether everything that was handed over has been fetched. */
    boolean transmitIdle() {
        return bar.read32(TDH) == bar.read32(TDT);
    }

    /** Stops both directions; the reads make sure that the writes have arrived. */
    void stop() {
        bar.write32(RCTL, 0);
        bar.write32(TCTL, 0);
        bar.read32(STATUS);
    }

    // --- statistics

    /** Frames that arrived damaged since the last call. */
    long takeReceiveErrors() {
        return unsigned(CRCERRS) + unsigned(RXERRC) + unsigned(RLEC);
    }

    /** Frames that found no room since the last call. */
    long takeMissed() {
        return unsigned(MPC);
    }

    private long unsigned(long counter) {
        return bar.read32(counter) & 0xffff_ffffL;
    }
}
