package org.busbar.driver.nic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The receive ring (82574 datasheet, section 7.1), of legacy descriptors: a buffer's address, and 64 bits that the
 * controller fills in once a frame is there. For one thread at a time; allocates nothing after construction.
 *
 * <pre>
 *   next .. fill   posted, some with frames; fill .. next   without buffer; one slot always stays so
 * </pre>
 */
final class ReceiveRing {

    static final int ENTRIES = 256;
    static final int BYTES = ENTRIES * 16;

    /** Bytes that the controller writes into a buffer: what RCTL.BSIZE = 00b says, and more than the longest frame. */
    static final int BUFFER = 2048;

    private static final int MASK = ENTRIES - 1;
    /** Buffers to collect before the tail is written, which costs more than all the rest: posting late is harmless. */
    private static final int POST_BATCH = 32;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LONG_AT = LONG.varHandle();

    // The second half of a descriptor (7.1.4.1): length 15:0, checksum 31:16, status 39:32, errors 47:40.
    private static final long LENGTH = 0xffff;
    private static final long DONE = 1L << 32;
    private static final long END_OF_PACKET = 1L << 33;
    /** CRC or alignment, symbol, sequence, carrier extension and data errors. */
    private static final long ERRORS = 0x97L << 40;

    private final MemorySegment ring;
    private final long address;
    private final Registers registers;
    private final QueuePackets packets;
    private final PacketCache cache;
    private final Traffic traffic;
    private final @Nullable DriverPacket[] slots = new @Nullable DriverPacket[ENTRIES];

    private int next;
    private int fill;
    private int told;
    /** Within a frame that spans several buffers, which is longer than any that is wanted. */
    private boolean discarding;

    ReceiveRing(DmaBuffer memory, Registers registers, QueuePackets packets, Traffic traffic) {
        this.ring = memory.memory();
        this.address = memory.address();
        this.registers = registers;
        this.packets = packets;
        cache = packets.cache();
        this.traffic = traffic;
    }

    void start() {
        registers.startReceive(address, BYTES);
        post();
    }

    /** Lets the controller have all the buffers that the ring has room for. */
    void post() {
        refill();
        tell();
    }

    /** Whether {@link #receive} would find a descriptor that is done. */
    boolean hasFrame() {
        return next != fill && (word(next) & DONE) != 0;
    }

    /**
     * Takes frames that have arrived.
     *
     * @throws IllegalStateException if the memory has gone; then none are taken
     */
    int receive(@Nullable Packet[] into) {
        int taken = 0;
        long bytes = 0;
        try {
            // The device writes the descriptor after the frame, and the acquire load keeps our reads in that order.
            for (long word; taken < into.length && next != fill && ((word = word(next)) & DONE) != 0;) {
                DriverPacket packet = takeNext();
                boolean last = (word & END_OF_PACKET) != 0;
                if (last && !discarding && (word & ERRORS) == 0 && (word & LENGTH) <= BUFFER) {
                    packet.owner(PacketOwner.CALLER);
                    packet.length((int) (word & LENGTH));
                    bytes += packet.length();
                    into[taken++] = packet;
                } else {
                    discarding = !last;
                    cache.give(packet);
                }
            }
            refill();
        } catch (IllegalStateException e) {
            giveBack(into, taken);
            throw e;
        }
        if (taken > 0) {
            traffic.add(taken, bytes);
        }
        if (taken == 0 || (fill - told & MASK) >= POST_BATCH) {
            tell();
        }
        return taken;
    }

    /** Gives all buffers back; the device does not use them any more. */
    void abandon() {
        for (int slot = 0; slot < ENTRIES; slot++) {
            DriverPacket packet = slots[slot];
            if (packet != null) {
                slots[slot] = null;
                cache.give(packet);
            }
        }
        next = fill;
    }

    private void giveBack(@Nullable Packet[] into, int taken) {
        for (int i = 0; i < taken; i++) {
            Packet packet = into[i];
            into[i] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }

    private DriverPacket takeNext() {
        DriverPacket packet = slots[next];
        if (packet == null) {
            throw new AssertionError("slot " + next + " is posted and has no packet");
        }
        slots[next] = null;
        next = next + 1 & MASK;
        return packet;
    }

    /** A full ring would look empty (RDT = RDH), so a slot stays free. */
    private void refill() {
        while ((fill + 1 & MASK) != next) {
            DriverPacket packet = cache.take(PacketOwner.PORT);
            if (packet == null) {
                return;
            }
            slots[fill] = packet;
            ring.set(LONG, fill * 16L, packets.address(packet));
            ring.set(LONG, fill * 16L + 8, 0);
            fill = fill + 1 & MASK;
        }
    }

    private void tell() {
        if (told != fill) {
            told = fill;
            try {
                registers.receiveTail(fill);
            } catch (DeviceGoneException e) {
                // What has been received is the caller's all the same; the next call says that the device is gone.
                return;
            }
        }
    }

    private long word(int slot) {
        return (long) LONG_AT.getAcquire(ring, slot * 16L + 8);
    }
}
