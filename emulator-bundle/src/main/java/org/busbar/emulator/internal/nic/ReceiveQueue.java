package org.busbar.emulator.internal.nic;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;

/**
 * A ring of receive descriptors, legacy or extended, and its interrupts. Device's thread only; allocates nothing per frame.
 */
final class ReceiveQueue {

    private final NicRegisters registers;
    private final Family family;
    private final DmaPort dma;
    private final Statistics statistics;
    private final Deceit deceit;
    private final DescriptorRing ring;
    private final WriteBack back;
    private final DelayTimer timer = new DelayTimer();
    private final int offset;
    private final int causesOfFrames;
    private boolean starved;
    private int before;
    private int causes;

    ReceiveQueue(
            NicRegisters registers, Family family, DmaPort dma, Statistics statistics, Deceit deceit, int queue) {
        this.registers = registers;
        this.family = family;
        this.dma = dma;
        this.statistics = statistics;
        this.deceit = deceit;
        offset = queue * Reg.QUEUE_STRIDE;
        causesOfFrames = Reg.RXT0 | (queue == 0 ? Reg.RXQ0 : Reg.RXQ1);
        ring = new DescriptorRing(registers, dma, Reg.RDBAL + offset);
        back = new WriteBack(dma, ring);
    }

    void reset() {
        restart();
        timer.reset();
        causes = 0;
    }

    /** The receiver was turned on. */
    void restart() {
        ring.restart();
        back.reset();
        starved = false;
    }

    /** Looks at the registers; without a ring that makes sense there is room for nothing. */
    void look() {
        before = ring.look() ? ring.available() : 0;
    }

    /** Returns whether there are descriptors for so many bytes. */
    boolean hasRoom(int bytes, int bufferSize) {
        return !ring.halted() && before > 0 && needed(bytes, bufferSize) <= ring.available();
    }

    /** Returns whether there will never be descriptors for so many bytes. */
    boolean neverHasRoom(int bytes, int bufferSize) {
        return before > 0 && needed(bytes, bufferSize) >= ring.entries();
    }

    private static int needed(int bytes, int bufferSize) {
        return (bytes + bufferSize - 1) / bufferSize;
    }

    /** A frame has to wait. */
    void starve() {
        if (!starved) {
            starved = true;
            statistics.count(Stat.RNBC);
        }
    }

    /** Writes a frame into as many buffers as it takes. */
    void deliver(MemorySegment frame, ReceivedFrame what, int bufferSize, long now) {
        starved = false;
        for (int done = 0; done < what.length;) {
            if (!ring.fetch()) {
                return;
            }
            int piece = Math.min(what.length - done, bufferSize);
            boolean last = done + piece == what.length;
            if (!dma.write(ring.low(), frame, what.offset + (long) done, piece) || !writeBack(what, piece, last)) {
                ring.halt();
                return;
            }
            ring.advance();
            done += piece;
        }
        int small = registers.get(Reg.RSRPD) & 0xfff;
        causes |= small != 0 && what.length <= small ? Reg.SRPD : 0;
        causes |= timer.happened(
                causesOfFrames, registers.get(Reg.RDTR) & 0xffff, registers.get(Reg.RADV) & 0xffff, now);
    }

    /** Only the last descriptor says what the frame is. */
    private boolean writeBack(ReceivedFrame what, int piece, boolean last) {
        int status = ReceivedFrame.DONE | (last ? ReceivedFrame.END_OF_PACKET | what.status : 0);
        long errors = last ? what.errors : 0;
        long tag = last ? (long) what.tag << 48 : 0;
        if (!family.isExpress() || (registers.get(Reg.RFCTL) & Reg.RFCTL_EXTENDED) == 0) {
            long sum = last ? (long) what.packetSum << 16 : 0;
            return back.receive(deceit.receive(), false, 0, piece | sum | (status & 0xffL) << 32 | errors << 40 | tag);
        }
        // Extended (7.1.5): there, passing an inexact filter is no status.
        status &= ~ReceivedFrame.PASSED_INEXACT;
        return back.receive(
                deceit.receive(),
                true,
                last ? multipleReceive(what) : 0,
                status | errors << 24 | (long) piece << 32 | tag);
    }

    private long multipleReceive(ReceivedFrame what) {
        boolean hash = (registers.get(Reg.RXCSUM) & Reg.RXCSUM_NO_PACKET_SUM) != 0;
        long upper = hash ? what.hash & 0xffff_ffffL : what.identification | (long) what.packetSum << 16;
        return what.hashType | what.queue << 8 | upper << 32;
    }

    /** Shows what was done. RCTL.RDMTS: tells when a half, a quarter or an eighth of the descriptors is left. */
    void finish(int rctl) {
        if (before == 0 || ring.halted()) {
            return;
        }
        ring.store(deceit.receive());
        int threshold = ring.entries() >>> (1 + Math.min((rctl >>> 8) & 3, 2));
        if (before > threshold && ring.available() <= threshold) {
            causes |= Reg.RXDMT0;
        }
    }

    int takeCauses(long now) {
        int rdtr = registers.get(Reg.RDTR);
        boolean flush = (rdtr & Reg.RDTR_FLUSH) != 0;
        int taken = causes | timer.take(now, flush);
        causes = 0;
        return taken;
    }

    /** Returns in how many nanoseconds it has causes. */
    long due(long now) {
        return timer.due(now);
    }
}
