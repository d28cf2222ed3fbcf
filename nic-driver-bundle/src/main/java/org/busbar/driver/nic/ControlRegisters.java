package org.busbar.driver.nic;

import org.busbar.net.FlowControl;
import org.busbar.net.LinkState;
import org.busbar.pci.Bar;
import org.jspecify.annotations.Nullable;

/** Device control and status, and the way to the NVM (10.2.2; SDM 13.4). Thread-safe. */
final class ControlRegisters {

    /** What a read gives when nobody answers: all ones on hardware, zeros in some virtual machines. */
    static final int ALL_ONES = 0xffff_ffff;

    private static final long CTRL = 0x0000;
    private static final long STATUS = 0x0008;
    private static final long EECD = 0x0010;
    private static final long EERD = 0x0014;
    private static final long CTRL_EXT = 0x0018;
    private static final long VET = 0x0038;
    private static final long PBA = 0x1000;

    private static final int CTRL_MASTER_DISABLE = 1 << 2;
    private static final int CTRL_LINK_UP = 1 << 6;
    private static final int CTRL_RST = 1 << 26;
    private static final int CTRL_HEED_PAUSES = 1 << 27;
    private static final int CTRL_SEND_PAUSES = 1 << 28;
    private static final int CTRL_VLAN_MODE = 1 << 30;
    /** CTRL.ILOS, FRCSPD, FRCDPX: off, so that the PHY decides. */
    private static final int CTRL_FORCED = 1 << 7 | 1 << 11 | 1 << 12;

    private static final int STATUS_FULL_DUPLEX = 1;
    private static final int STATUS_LINK_UP = 1 << 1;
    private static final int STATUS_MASTER_ENABLED = 1 << 19;

    private static final int EECD_AUTO_READ_DONE = 1 << 9;
    private static final int EERD_START = 1;
    private static final int CTRL_EXT_DRIVER_LOADED = 1 << 28;
    /** IEEE 802.1Q's EtherType. */
    private static final int VLAN_TYPE = 0x8100;

    private final Bar bar;
    private final Family family;

    ControlRegisters(Bar bar, Family family) {
        this.bar = bar;
        this.family = family;
    }

    /** Whether the function looks gone. CTRL is never zero while it is driven: {@link #setLinkUp} sets a bit. */
    boolean looksGone() {
        int ctrl = bar.read32(CTRL);
        return ctrl == ALL_ONES || ctrl == 0;
    }

    /** Returns why the function looks gone; null if it does not. */
    @Nullable
    String absence() {
        return looksGone() ? "the registers do not answer" : null;
    }

    /** Whether nobody answers, before CTRL has been written. */
    boolean silent() {
        int status = bar.read32(STATUS);
        return status == ALL_ONES || status == 0;
    }

    // --- reset (4.6; SDM 14.3)

    void disableMaster() {
        change(0, CTRL_MASTER_DISABLE);
    }

    boolean masterDisabled() {
        return (bar.read32(STATUS) & STATUS_MASTER_ENABLED) == 0;
    }

    void reset() {
        change(0, CTRL_RST);
    }

    /** Whether a reset is over, and the settings have been read from the NVM, as far as the controller tells. */
    boolean resetDone() {
        return (bar.read32(CTRL) & CTRL_RST) == 0
                && (!family.express() || (bar.read32(EECD) & EECD_AUTO_READ_DONE) != 0);
    }

    /** CTRL_EXT.DRV_LOAD: tells management firmware, which the 8254x do not have, that a driver is there. */
    void driverLoaded() {
        if (family.express()) {
            bar.write32(CTRL_EXT, bar.read32(CTRL_EXT) | CTRL_EXT_DRIVER_LOADED);
        }
    }

    /** Divides the packet buffer. Takes effect at the next reset, which leaves the register alone. */
    void dividePacketBuffer() {
        bar.write32(PBA, family.receiveKilobytes());
    }

    // --- NVM

    /** Starts reading a word of the NVM. */
    void readNvm(int word) {
        bar.write32(EERD, word << family.nvmShift() | EERD_START);
    }

    boolean nvmRead() {
        return (bar.read32(EERD) & family.nvmDone()) != 0;
    }

    int nvmWord() {
        return bar.read32(EERD) >>> 16;
    }

    // --- link

    /** CTRL.SLU: takes the link up, at what the PHY has negotiated. */
    void setLinkUp() {
        change(CTRL_FORCED | CTRL_MASTER_DISABLE, CTRL_LINK_UP);
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

    // --- modes

    /** CTRL.VME: tags of VLANs are taken out of frames that arrive, and put into those that ask for it (7.5; SDM 9). */
    void vlanMode(boolean on) {
        bar.write32(VET, VLAN_TYPE);
        change(on ? 0 : CTRL_VLAN_MODE, on ? CTRL_VLAN_MODE : 0);
    }

    /** CTRL.RFCE and TFCE. */
    void pauses(FlowControl mode) {
        int set =
                switch (mode) {
                    case NONE -> 0;
                    case HEED -> CTRL_HEED_PAUSES;
                    case SEND -> CTRL_SEND_PAUSES;
                    case BOTH -> CTRL_HEED_PAUSES | CTRL_SEND_PAUSES;
                };
        change(CTRL_HEED_PAUSES | CTRL_SEND_PAUSES, set);
    }

    /** Reading STATUS makes sure that all writes before it have arrived. */
    void flush() {
        bar.read32(STATUS);
    }

    private synchronized void change(int clear, int set) {
        bar.write32(CTRL, (bar.read32(CTRL) & ~clear) | set);
    }
}
