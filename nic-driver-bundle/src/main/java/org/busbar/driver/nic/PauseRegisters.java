package org.busbar.driver.nic;

import org.busbar.net.FlowControl;
import org.busbar.pci.Bar;

/** Pause frames (IEEE 802.3, annex 31B): what they look like, and when they are sent (3.3.4, 10.2.2.9; SDM 3.2.10, 13.4.9). */
final class PauseRegisters {

    private static final long FCAL = 0x0028;
    private static final long FCAH = 0x002c;
    private static final long FCT = 0x0030;
    private static final long FCTTV = 0x0170;
    private static final long FCRTL = 0x2160;
    private static final long FCRTH = 0x2168;

    /** 01:80:C2:00:00:01, first octet lowest, and the EtherType of MAC control. */
    private static final int GROUP_LOW = 0x00c2_8001;

    private static final int GROUP_HIGH = 0x0100;
    private static final int MAC_CONTROL = 0x8808;

    /** How long others are asked to pause, in times of 512 bits: 0.9 ms of a gigabit, renewed while it is needed. */
    private static final int PAUSE_TIME = 0x0680;

    /** FCRTL.XONE: a pause is ended as soon as there is room. */
    private static final int END_EARLY = 1 << 31;

    private final Bar bar;

    PauseRegisters(Bar bar) {
        this.bar = bar;
    }

    /**
     * Sets the marks at which pauses begin and end: where two of the longest frames still fit in, and a kilobyte below.
     *
     * @param buffer bytes of the packet buffer for what arrives
     * @param frame bytes of the longest frame
     */
    void mode(FlowControl mode, int buffer, int frame) {
        boolean send = mode == FlowControl.SEND || mode == FlowControl.BOTH;
        bar.write32(FCAL, GROUP_LOW);
        bar.write32(FCAH, GROUP_HIGH);
        bar.write32(FCT, MAC_CONTROL);
        bar.write32(FCTTV, send ? PAUSE_TIME : 0);
        int high = Math.max(buffer - 2 * frame, buffer / 4) & ~7;
        bar.write32(FCRTL, send ? high - 1024 | END_EARLY : 0);
        bar.write32(FCRTH, send ? high : 0);
    }
}
