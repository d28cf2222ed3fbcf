package org.busbar.emulator.internal.nic;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Deceit;

/**
 * Sends the frames of one queue (82574: section 7.2; 8254x manual: section 3.3). Device's thread only; allocates nothing per
 * frame.
 */
final class TransmitUnit {

    /** The most that is gathered for a frame, or for all the frames that it is cut into. */
    static final int MAX_BYTES = 64 * 1024 + 256;

    private static final int FCS = 4;
    private static final int PADDING = 60;
    private static final int BURST = 128;

    // The second half of a descriptor: command at bit 24, status at bit 32, options at bit 40, tag at bit 48.
    private static final long END_OF_PACKET = 1L << 24;
    private static final long INSERT_FCS = 1L << 25;
    /** Legacy: insert a checksum. Data: segment. */
    private static final long CHECKSUM_OR_SEGMENT = 1L << 26;

    private static final long REPORT_STATUS = 1L << 27;
    private static final long EXTENDED = 1L << 29;
    private static final long INSERT_TAG = 1L << 30;
    private static final long DELAY = 1L << 31;
    private static final long IP_CHECKSUM = 1L << 40;
    private static final long CHECKSUM = 1L << 41;
    private static final int TYPE_LEGACY = -1;
    private static final int TYPE_CONTEXT = 0;
    private static final int TYPE_DATA = 1;

    private final NicRegisters registers;
    private final Family family;
    private final DmaPort dma;
    private final Outlet outlet;
    private final Segmenter segmenter;
    private final Deceit deceit;
    private final DescriptorRing ring;
    private final WriteBack back;
    private final DelayTimer timer = new DelayTimer();
    private final OffloadContext plain = new OffloadContext();
    private final OffloadContext segmentation = new OffloadContext();
    private final int offset;
    private final int queueCause;
    private final MemorySegment buffer = Arena.ofAuto().allocate(Outlet.HEADROOM + MAX_BYTES + PADDING, 8);
    private final MemorySegment frame = buffer.asSlice(Outlet.HEADROOM);
    private int length;
    /** The second half of the frame's first data descriptor. */
    private long options;

    private boolean begun;
    private boolean tooLong;
    private boolean enabled;
    private int timesOff;
    private int causes;

    TransmitUnit(
            NicRegisters registers,
            Family family,
            DmaPort dma,
            Outlet outlet,
            Segmenter segmenter,
            Deceit deceit,
            int queue) {
        this.registers = registers;
        this.family = family;
        this.dma = dma;
        this.outlet = outlet;
        this.segmenter = segmenter;
        this.deceit = deceit;
        offset = queue * Reg.QUEUE_STRIDE;
        queueCause = queue == 0 ? Reg.TXQ0 : Reg.TXQ1;
        ring = new DescriptorRing(registers, dma, Reg.TDBAL + offset);
        back = new WriteBack(dma, ring);
    }

    void reset() {
        ring.restart();
        back.reset();
        timer.reset();
        plain.reset();
        segmentation.reset();
        enabled = false;
        causes = 0;
        dropFrame();
    }

    int takeCauses(long now) {
        int taken = causes | timer.take(now, false);
        causes = 0;
        return taken;
    }

    /** Returns in how many nanoseconds there are causes that wait for their time. */
    long due(long now) {
        return timer.due(now);
    }

    /** Sends some frames; returns whether there may be more to do. */
    boolean work(long now) {
        registers.transmitter().begin();
        try {
            return send(now);
        } finally {
            registers.transmitter().end();
        }
    }

    private boolean send(long now) {
        boolean on = isOn();
        int off = registers.transmitter().timesOff();
        if (on && (!enabled || off != timesOff)) {
            ring.restart();
            dropFrame();
        }
        enabled = on;
        timesOff = off;
        if (!on || !ring.look() || ring.available() == 0) {
            return false;
        }
        int before = ring.available();
        for (int i = 0; i < BURST && isOn() && ring.available() > 0; i++) {
            if (!ring.fetch() || !process(now)) {
                return false;
            }
            ring.advance();
        }
        ring.store(deceit.transmit());
        warnOfMinimum(before);
        boolean more = ring.available() > 0;
        if (!more) {
            causes |= Reg.TXQE;
        }
        return more;
    }

    /** TCTL.EN is for both queues; on the 82574 TARC.ENABLE is for each (10.2.6.11). */
    private boolean isOn() {
        return (registers.get(Reg.TCTL) & Reg.TCTL_ENABLE) != 0
                && (!family.isExpress() || (registers.get(Reg.TARC + offset) & Reg.TARC_ENABLE) != 0);
    }

    /** TXDCTL.LWTHRESH: tells when fewer descriptors are left, in units of eight. */
    private void warnOfMinimum(int before) {
        int threshold = 8 * (registers.get(Reg.TXDCTL + offset) >>> 25);
        if (before > threshold && ring.available() <= threshold && threshold != 0) {
            causes |= Reg.TXD_LOW;
        }
    }

    private boolean process(long now) {
        long command = ring.high();
        int type = (command & EXTENDED) == 0 ? TYPE_LEGACY : (int) (command >>> 20) & 0xf;
        switch (type) {
            case TYPE_CONTEXT ->
                (OffloadContext.isForSegmentation(command) ? segmentation : plain).load(ring.low(), command);
            case TYPE_LEGACY, TYPE_DATA -> {
                if (!gather(ring.low(), (int) command & (type == TYPE_DATA ? 0xf_ffff : 0xffff))) {
                    ring.halt();
                    return false;
                }
                options = begun ? options : command;
                begun = true;
                if ((command & END_OF_PACKET) != 0) {
                    send(command, type == TYPE_DATA);
                    dropFrame();
                }
            }
            default -> {
                // Reserved: passed over, and not reported.
                return true;
            }
        }
        return (command & REPORT_STATUS) == 0 || report(command, now);
    }

    private boolean report(long command, long now) {
        if (!back.transmit(deceit.transmit(), (int) (command >>> 32) | 1)) {
            ring.halt();
            return false;
        }
        int delay = (command & DELAY) == 0 ? 0 : registers.get(Reg.TIDV) & 0xffff;
        causes |= timer.happened(queueCause | Reg.TXDW, delay, registers.get(Reg.TADV) & 0xffff, now);
        return true;
    }

    private boolean gather(long address, int bytes) {
        if (bytes > MAX_BYTES - length) {
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

    /** @param last the second half of the last descriptor */
    private void send(long last, boolean data) {
        boolean tagged = (last & INSERT_TAG) != 0 && (registers.get(Reg.CTRL) & Reg.CTRL_VLAN) != 0;
        int tag = tagged ? (int) (last >>> 48) : Outlet.UNTAGGED;
        boolean ipSum = (options & IP_CHECKSUM) != 0;
        boolean sum = (options & CHECKSUM) != 0;
        if (tooLong) {
            return;
        }
        if (data && (options & CHECKSUM_OR_SEGMENT) != 0) {
            segmenter.send(frame, length, segmentation, ipSum, sum, tag);
            return;
        }
        int bytes = (last & INSERT_FCS) != 0 ? length : Math.max(0, length - FCS);
        if (!data && (last & CHECKSUM_OR_SEGMENT) != 0) {
            Checksums.insert(frame, bytes, (int) (last >>> 40) & 0xff, 0, (int) (last >>> 16) & 0xff, false);
        } else if (data) {
            insertChecksums(bytes, ipSum, sum);
        }
        outlet.send(buffer, bytes, tag);
    }

    private void insertChecksums(int bytes, boolean ipSum, boolean sum) {
        if (ipSum) {
            Checksums.insert(frame, bytes, plain.ipStart(), plain.ipEnd(), plain.ipField(), false);
        }
        if (sum) {
            Checksums.insert(frame, bytes, plain.start(), plain.end(), plain.field(), !plain.isTcp());
        }
    }

    private void dropFrame() {
        length = 0;
        begun = false;
        tooLong = false;
    }
}
