package org.busbar.emulator.internal.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;

/** Sends the frames of one queue (datasheet, section 7.2). Device's thread only; allocates nothing per frame. */
final class TransmitUnit {

    private static final int FCS = 4;
    private static final int MIN_FRAME = 60;
    private static final int BURST = 128;

    // The second half of a descriptor (7.2.10): command at bit 24, status at bit 32.
    private static final long END_OF_PACKET = 1L << 24;
    private static final long INSERT_FCS = 1L << 25;
    private static final long REPORT_STATUS = 1L << 27;
    private static final long EXTENDED = 1L << 29;
    private static final int TYPE_CONTEXT = 0;
    private static final int TYPE_DATA = 1;

    private final NicRegisters registers;
    private final DmaPort dma;
    private final SwitchPort port;
    private final DescriptorRing ring;
    private final int offset;
    private final int queueCause;
    private final MemorySegment frame = Arena.ofAuto().allocate(NetworkSwitch.MAX_FRAME, 8);
    private int length;
    private boolean tooLong;
    private boolean enabled;
    private int causes;

    TransmitUnit(NicRegisters registers, DmaPort dma, SwitchPort port, int queue) {
        this.registers = registers;
        this.dma = dma;
        this.port = port;
        offset = queue * Reg.QUEUE_STRIDE;
        queueCause = queue == 0 ? Reg.TXQ0 : Reg.TXQ1;
        ring = new DescriptorRing(registers, dma, Reg.TDBAL + offset);
    }

    void reset() {
        ring.restart();
        enabled = false;
        causes = 0;
        dropFrame();
    }

    int takeCauses() {
        int taken = causes;
        causes = 0;
        return taken;
    }

    /** Sends some frames; returns whether there may be more to do. */
    boolean work() {
        int tctl = registers.get(Reg.TCTL);
        boolean on = (tctl & Reg.TCTL_ENABLE) != 0 && (registers.get(Reg.TARC + offset) & Reg.TARC_ENABLE) != 0;
        if (on && !enabled) {
            ring.restart();
            dropFrame();
        }
        enabled = on;
        if (!on || !ring.look() || ring.available() == 0) {
            return false;
        }
        for (int i = 0; i < BURST && ring.available() > 0; i++) {
            if (!ring.fetch() || !process(tctl)) {
                return false;
            }
            ring.advance();
        }
        ring.store();
        boolean more = ring.available() > 0;
        if (!more) {
            causes |= Reg.TXQE;
        }
        return more;
    }

    private boolean process(int tctl) {
        long command = ring.high();
        boolean extended = (command & EXTENDED) != 0;
        int type = extended ? (int) (command >>> 20) & 0xf : -1;
        boolean hasData = !extended || type == TYPE_DATA;
        if (hasData && !gather(ring.low(), (int) command & (extended ? 0xf_ffff : 0xffff))) {
            ring.halt();
            return false;
        }
        if (hasData && (command & END_OF_PACKET) != 0) {
            send((command & INSERT_FCS) != 0, (tctl & Reg.TCTL_PAD) != 0);
        }
        boolean known = hasData || type == TYPE_CONTEXT;
        if (known && (command & REPORT_STATUS) != 0) {
            if (!dma.write32(ring.headAddress() + 12, (int) (command >>> 32) | 1)) {
                ring.halt();
                return false;
            }
            causes |= queueCause | Reg.TXDW;
        }
        return true;
    }

    private boolean gather(long address, int bytes) {
        if (bytes > NetworkSwitch.MAX_FRAME - length) {
            tooLong = true;
        }
        if (tooLong || bytes == 0) {
            return true;
        }
        if (!dma.read(address, frame, length, bytes)) {
            return false;
        }
        length += bytes;
        return true;
    }

    private void send(boolean insertFcs, boolean pad) {
        int bytes = insertFcs ? length : length - FCS;
        if (pad && bytes > 0 && bytes < MIN_FRAME) {
            frame.asSlice(bytes, MIN_FRAME - bytes).fill((byte) 0);
            bytes = MIN_FRAME;
        }
        if (!tooLong && port.send(frame, 0, bytes)) {
            count(bytes);
        }
        dropFrame();
    }

    private void dropFrame() {
        length = 0;
        tooLong = false;
    }

    private void count(int bytes) {
        registers.count(Reg.TPT, 1);
        registers.count(Reg.GPTC, 1);
        registers.count64(Reg.GOTCL, bytes + FCS);
        registers.count64(Reg.TOTL, bytes + FCS);
        registers.count(Reg.PTC64 + ReceiveUnit.sizeClass(bytes), 1);
        long destination = ReceiveFilter.destination(frame);
        if (ReceiveFilter.isGroup(destination)) {
            registers.count(ReceiveFilter.isEverybody(destination) ? Reg.BPTC : Reg.MPTC, 1);
        }
    }
}
