package org.busbar.emulator.internal.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.emulator.internal.nic.ReceiveFilter.Verdict;

/** Receives frames into queue 0 (datasheet, section 7.1). Device's thread only; allocates nothing per frame. */
final class ReceiveUnit {

    private static final int FCS = 4;
    private static final int MIN_FRAME = 60;
    private static final int MAX_FRAME = 1518;
    private static final int BURST = 64;

    // Status and errors of a legacy descriptor are at bit 32 and 40 of its second half, of an extended one at 0 and 20.
    private static final int DONE = 1;
    private static final int END_OF_PACKET = 1 << 1;
    private static final int IGNORE_CHECKSUM = 1 << 2;
    private static final int PASSED_INEXACT = 1 << 7;

    private final NicRegisters registers;
    private final DmaPort dma;
    private final SwitchPort port;
    private final ReceiveFilter filter;
    private final DescriptorRing ring;
    private final MemorySegment frame = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME + FCS, 8);
    private final ByteBuffer frameBytes = frame.asByteBuffer();
    private final CRC32 crc = new CRC32();
    private boolean enabled;
    private boolean starved;
    private long droppedBefore;
    private int causes;

    ReceiveUnit(NicRegisters registers, DmaPort dma, SwitchPort port) {
        this.registers = registers;
        this.dma = dma;
        this.port = port;
        filter = new ReceiveFilter(registers);
        ring = new DescriptorRing(registers, dma, Reg.RDBAL);
    }

    void reset() {
        ring.restart();
        enabled = false;
        starved = false;
        causes = 0;
    }

    int takeCauses() {
        int taken = causes;
        causes = 0;
        return taken;
    }

    /** Receives some frames; returns whether there may be more to do. */
    boolean work() {
        int rctl = registers.get(Reg.RCTL);
        followEnable((rctl & Reg.RCTL_ENABLE) != 0);
        countMissed();
        if (!enabled) {
            return discard();
        }
        if (!ring.look()) {
            return false;
        }
        int descriptors = ring.available();
        for (int i = 0; i < BURST && port.waiting() > 0; i++) {
            if (ring.available() == 0) {
                starve();
                break;
            }
            starved = false;
            receive(rctl);
            if (ring.halted()) {
                return false;
            }
        }
        ring.store();
        warnOfMinimum(descriptors, rctl);
        return port.waiting() > 0 && ring.available() > 0;
    }

    private void followEnable(boolean on) {
        if (on && !enabled) {
            ring.restart();
        }
        enabled = on;
    }

    /** With the receiver off, frames pass by. */
    private boolean discard() {
        for (int i = 0; i < BURST; i++) {
            if (port.receive(frame, 0, NetworkSwitch.MAX_FRAME) == 0) {
                return false;
            }
        }
        return true;
    }

    /** What did not fit into the port's queue is what did not fit into the packet buffer. */
    private void countMissed() {
        long dropped = port.dropped();
        if (dropped != droppedBefore) {
            registers.count(Reg.MPC, (int) Math.min(dropped - droppedBefore, Integer.MAX_VALUE));
            droppedBefore = dropped;
            causes |= Reg.RXO;
        }
    }

    private void starve() {
        if (!starved) {
            starved = true;
            registers.count(Reg.RNBC, 1);
        }
    }

    /** RCTL.RDMTS: tells when a half, a quarter or an eighth of the descriptors is left. */
    private void warnOfMinimum(int before, int rctl) {
        int threshold = ring.entries() >>> (1 + Math.min((rctl >>> 8) & 3, 2));
        if (before > threshold && ring.available() <= threshold) {
            causes |= Reg.RXDMT0;
        }
    }

    private void receive(int rctl) {
        int length = port.receive(frame, 0, NetworkSwitch.MAX_FRAME);
        if (length < MIN_FRAME) {
            frame.asSlice(length, MIN_FRAME - length).fill((byte) 0);
            length = MIN_FRAME;
        }
        registers.count(Reg.TPR, 1);
        registers.count64(Reg.TORL, length + FCS);
        Verdict verdict = filter.judge(frame, rctl);
        if (verdict == Verdict.REJECTED) {
            return;
        }
        if (length > MAX_FRAME && (rctl & Reg.RCTL_LONG_PACKETS) == 0) {
            registers.count(Reg.ROC, 1);
            return;
        }
        count(length);
        boolean strip = (rctl & Reg.RCTL_STRIP_FCS) != 0;
        if (!strip) {
            appendFcs(length);
        }
        deliver(strip ? length : length + FCS, bufferSize(rctl), verdict == Verdict.INEXACT);
    }

    private void deliver(int length, int bufferSize, boolean inexact) {
        int needed = (length + bufferSize - 1) / bufferSize;
        if (needed > ring.available()) {
            registers.count(Reg.RNBC, 1);
            return;
        }
        for (int done = 0; done < length;) {
            if (!ring.fetch()) {
                return;
            }
            int piece = Math.min(length - done, bufferSize);
            boolean last = done + piece == length;
            if (!dma.write(ring.low(), frame, done, piece) || !writeBack(piece, last, inexact)) {
                ring.halt();
                return;
            }
            ring.advance();
            done += piece;
        }
        causes |= Reg.RXQ0 | Reg.RXT0;
    }

    /** Status goes last, and with it everything before becomes visible. */
    private boolean writeBack(int piece, boolean last, boolean inexact) {
        long status = DONE | (last ? END_OF_PACKET | IGNORE_CHECKSUM : 0) | (inexact ? PASSED_INEXACT : 0);
        long at = ring.headAddress();
        if ((registers.get(Reg.RFCTL) & Reg.RFCTL_EXTENDED) == 0) {
            return dma.write64(at + 8, piece | (status << 32));
        }
        // Extended (7.1.5): no hash in the first half; there, passing an inexact filter is no status.
        return dma.write64(at, 0) && dma.write64(at + 8, ((long) piece << 32) | (status & ~PASSED_INEXACT));
    }

    private void count(int length) {
        registers.count(Reg.GPRC, 1);
        registers.count64(Reg.GORCL, length + FCS);
        registers.count(Reg.PRC64 + sizeClass(length), 1);
        long destination = ReceiveFilter.destination(frame);
        if (ReceiveFilter.isGroup(destination)) {
            registers.count(ReceiveFilter.isEverybody(destination) ? Reg.BPRC : Reg.MPRC, 1);
        }
    }

    /** Returns the offset, among six counters, of that for a frame so long. */
    static int sizeClass(int length) {
        int octets = length + FCS;
        int index = octets <= 64 ? 0 : Math.min(5, 26 - Integer.numberOfLeadingZeros(octets));
        return 4 * index;
    }

    private void appendFcs(int length) {
        crc.reset();
        crc.update(frameBytes.clear().limit(length));
        frame.set(ValueLayout.JAVA_INT_UNALIGNED, length, (int) crc.getValue());
    }

    /** RCTL.BSIZE, BSEX and FLXBUF (10.2.5.1). */
    private static int bufferSize(int rctl) {
        int flexible = (rctl >>> 27) & 0xf;
        if (flexible != 0) {
            return flexible * 1024;
        }
        int code = (rctl >>> 16) & 3;
        if ((rctl & Reg.RCTL_BSEX) != 0) {
            return code == 0 ? 2048 : 32_768 >>> code;
        }
        return 2048 >>> code;
    }
}
