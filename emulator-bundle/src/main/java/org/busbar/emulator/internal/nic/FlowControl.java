package org.busbar.emulator.internal.nic;

import static org.busbar.emulator.internal.net.InternetChecksum.SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.busbar.emulator.internal.net.SwitchPort;

/**
 * Pause frames (IEEE 802.3, annex 31B; 82574: section 3.2.5; 8254x manual: section 9.4): those that arrive hold the
 * transmitter, and are sent while too much waits to be received. Device's thread only.
 */
final class FlowControl {

    /** The time of 512 bits at 1,000 Mb/s, in nanoseconds. */
    private static final long QUANTUM = 512;

    private static final int FRAME = 60;
    private static final int CONTROL = 0x8808;
    private static final int PAUSE = 1;
    private static final int THRESHOLD = 0xfff8;

    private final NicRegisters registers;
    private final SwitchPort port;
    private final Statistics statistics;
    private final MemorySegment frame = Arena.ofAuto().allocate(FRAME, 8);
    private boolean paused;
    private long until;
    private boolean asked;

    FlowControl(NicRegisters registers, SwitchPort port, Statistics statistics) {
        this.registers = registers;
        this.port = port;
        this.statistics = statistics;
    }

    void reset() {
        paused = false;
        asked = false;
    }

    /** Returns for how many nanoseconds the transmitter is held from now on; 0 if it is not. */
    long hold(long now) {
        if (paused && until - now <= 0) {
            paused = false;
            registers.transmitPaused(false);
        }
        return paused ? until - now : 0;
    }

    /** Looks at a frame that has arrived; returns whether it ends here. */
    boolean takes(MemorySegment received, int rctl, long now) {
        int type = received.get(SHORT, 12) & 0xffff;
        if (type != CONTROL && type != (registers.get(Reg.FCT) & 0xffff)) {
            return false;
        }
        if ((received.get(SHORT, 14) & 0xffff) != PAUSE) {
            return (rctl & Reg.RCTL_PASS_CONTROL) == 0;
        }
        if (type != (registers.get(Reg.FCT) & 0xffff) || !isForUs(ReceiveFilter.destination(received))) {
            return false;
        }
        if ((registers.get(Reg.CTRL) & Reg.CTRL_RECEIVE_PAUSE) == 0) {
            statistics.count(Stat.FCRUC);
        } else {
            pause(received.get(SHORT, 16) & 0xffff, now);
        }
        return (rctl & Reg.RCTL_DISCARD_PAUSE) != 0;
    }

    private boolean isForUs(long destination) {
        return is(destination, registers.get(Reg.FCAL), registers.get(Reg.FCAH))
                || is(destination, registers.get(Reg.RAL), registers.get(Reg.RAH));
    }

    private static boolean is(long destination, int low, int high) {
        return (int) destination == low && (int) (destination >>> 32) == (high & 0xffff);
    }

    private void pause(int quanta, long now) {
        statistics.count(quanta == 0 ? Stat.XONRXC : Stat.XOFFRXC);
        paused = quanta != 0;
        until = now + QUANTUM * quanta;
        registers.transmitPaused(paused);
    }

    /** Asks the other side to pause or to go on, by how much waits to be received, or because software says so. */
    void watch() {
        if ((registers.get(Reg.TCTL) & Reg.TCTL_SEND_XOFF) != 0) {
            registers.clear(Reg.TCTL, Reg.TCTL_SEND_XOFF);
            send(registers.get(Reg.FCTTV) & 0xffff, Stat.XOFFTXC);
        }
        int high = registers.get(Reg.FCRTH) & THRESHOLD;
        if ((registers.get(Reg.CTRL) & Reg.CTRL_SEND_PAUSE) == 0 || high == 0) {
            asked = false;
            return;
        }
        int bytes = port.waitingBytes();
        int low = registers.get(Reg.FCRTL);
        if (!asked && bytes >= high) {
            asked = true;
            send(registers.get(Reg.FCTTV) & 0xffff, Stat.XOFFTXC);
        } else if (asked && bytes <= (low & THRESHOLD)) {
            asked = false;
            if ((low & Reg.FCRTL_XON) != 0) {
                send(0, Stat.XONTXC);
            }
        }
    }

    private void send(int quanta, int counter) {
        frame.fill((byte) 0);
        frame.set(ValueLayout.JAVA_INT_UNALIGNED, 0, registers.get(Reg.FCAL));
        frame.set(ValueLayout.JAVA_SHORT_UNALIGNED, 4, (short) registers.get(Reg.FCAH));
        frame.set(ValueLayout.JAVA_INT_UNALIGNED, 6, registers.get(Reg.RAL));
        frame.set(ValueLayout.JAVA_SHORT_UNALIGNED, 10, (short) registers.get(Reg.RAH));
        frame.set(SHORT, 12, (short) registers.get(Reg.FCT));
        frame.set(SHORT, 14, (short) PAUSE);
        frame.set(SHORT, 16, (short) quanta);
        if (port.send(frame, 0, FRAME)) {
            statistics.count(counter);
        }
    }
}
