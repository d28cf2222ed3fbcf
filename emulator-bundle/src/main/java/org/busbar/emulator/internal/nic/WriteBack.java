package org.busbar.emulator.internal.nic;

import org.busbar.emulator.internal.model.DmaPort;
import org.busbar.emulator.internal.net.Lies;
import org.jspecify.annotations.Nullable;

/** Writes descriptors back, as they are or with lies. Device's thread only. */
final class WriteBack {

    private static final long NOTHING = -1;

    private final DmaPort dma;
    private final DescriptorRing ring;
    // What is to be written a second time, with the next one.
    private long againAt = NOTHING;
    private long againFirst;
    private long againSecond;

    WriteBack(DmaPort dma, DescriptorRing ring) {
        this.dma = dma;
        this.ring = ring;
    }

    void reset() {
        againAt = NOTHING;
    }

    /** Writes the receive descriptor at the head; the first half only if it is an extended one. */
    boolean receive(@Nullable Lies lies, boolean extended, long first, long second) {
        return lies == null ? write(ring.headAddress(), extended, first, second) : lie(lies, extended, first, second);
    }

    private boolean write(long at, boolean extended, long first, long second) {
        // The half with the status goes last, and with it everything before becomes visible.
        return (!extended || dma.write64(at, first)) && dma.write64(at + 8, second);
    }

    private boolean lie(Lies lies, boolean extended, long first, long second) {
        boolean garbage = lies.garbage();
        int lengthAt = extended ? 32 : 0;
        long claimed = garbage ? lies.garbageBits() : second;
        long length = lies.length((int) (claimed >>> lengthAt) & 0xffff) & 0xffffL;
        claimed = (claimed & ~(0xffffL << lengthAt)) | (length << lengthAt);
        if (lies.randomStatus()) {
            claimed = extended
                    ? (claimed & ~0xffff_ffffL) | (lies.statusBits() & 0xffff_ffffL) | 1
                    : (claimed & ~(0xffffL << 32)) | (lies.statusBits() & (0xffffL << 32)) | 1L << 32;
        }
        long other = garbage ? lies.garbageBits() : first;
        long at = ring.headAddress();
        boolean done = writeAgain(extended) && write(at, extended, other, claimed);
        if (lies.twice()) {
            againAt = at;
            againFirst = other;
            againSecond = claimed;
        }
        done = done && (!lies.ungiven() || write(ring.tailAddress(), extended, other, claimed));
        int more = Math.min(lies.more(), ring.entries());
        for (int i = 1; done && i <= more; i++) {
            done = write(ring.addressAfter(i), extended, other, claimed);
        }
        return done;
    }

    private boolean writeAgain(boolean extended) {
        long at = againAt;
        againAt = NOTHING;
        return at == NOTHING || write(at, extended, againFirst, againSecond);
    }

    /** Writes the status of the transmit descriptor at the head: the upper half of its second half. */
    boolean transmit(@Nullable Lies lies, int status) {
        return lies == null ? dma.write32(ring.headAddress() + 12, status) : lieAboutTransmit(lies, status);
    }

    private boolean lieAboutTransmit(Lies lies, int truth) {
        long at = ring.headAddress();
        if (lies.garbage()) {
            return dma.write64(at, lies.garbageBits()) && dma.write64(at + 8, lies.garbageBits());
        }
        int status = lies.randomStatus() ? (int) lies.statusBits() | 1 : truth;
        boolean done = (againAt == NOTHING || dma.write32(againAt + 12, (int) againSecond))
                && dma.write32(at + 12, status);
        againAt = NOTHING;
        if (lies.twice()) {
            againAt = at;
            againSecond = status;
        }
        done = done && (!lies.ungiven() || dma.write32(ring.tailAddress() + 12, status));
        int more = Math.min(lies.more(), ring.entries());
        for (int i = 1; done && i <= more; i++) {
            done = dma.write32(ring.addressAfter(i) + 12, status);
        }
        return done;
    }
}
