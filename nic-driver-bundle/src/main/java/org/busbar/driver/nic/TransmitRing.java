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
 * The transmit ring (82574 datasheet, section 7.2), of legacy descriptors. The controller reports only the last frame of
 * each batch; that one being done says that all before it are. For one thread at a time; allocates nothing after
 * construction.
 */
final class TransmitRing {

    static final int ENTRIES = 256;
    static final int BYTES = ENTRIES * 16;

    /** An Ethernet header, and the longest frame with a VLAN tag, without frame check sequence. */
    static final int MIN_FRAME = 14;

    static final int MAX_FRAME = 1518;

    private static final int MASK = ENTRIES - 1;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final VarHandle LONG_AT = LONG.varHandle();

    // The second half of a descriptor (7.2.10.1): length 15:0, command 31:24, status 35:32.
    private static final long END_OF_PACKET = 1L << 24;
    private static final long INSERT_FCS = 1L << 25;
    private static final long REPORT_STATUS = 1L << 27;
    private static final long DONE = 1L << 32;

    private final MemorySegment ring;
    private final long address;
    private final Registers registers;
    private final QueuePackets packets;
    private final PacketCache cache;
    private final Traffic traffic;
    private final @Nullable DriverPacket[] slots = new @Nullable DriverPacket[ENTRIES];
    /** For the first slot of each batch: the last. */
    private final int[] batchEnd = new int[ENTRIES];

    private int clean;
    private int tail;

    TransmitRing(DmaBuffer memory, Registers registers, QueuePackets packets, Traffic traffic) {
        this.ring = memory.memory();
        this.address = memory.address();
        this.registers = registers;
        this.packets = packets;
        cache = packets.cache();
        this.traffic = traffic;
    }

    void start() {
        registers.startTransmit(address, BYTES);
    }

    /**
     * Hands over frames, up to the first that cannot be sent. If that is the very first, says why.
     *
     * @throws IllegalArgumentException if the first is no frame of this queue, or too long or short
     */
    int transmit(@Nullable Packet[] from, int first, int count) {
        reclaim();
        int room = Math.min(count, clean - tail - 1 & MASK);
        int accepted = 0;
        long bytes = 0;
        try {
            for (; accepted < room && from[first + accepted] instanceof DriverPacket packet
                    && sendable(packet); accepted++) {
                int slot = tail + accepted & MASK;
                slots[slot] = packet;
                packet.owner(PacketOwner.PORT);
                ring.set(LONG, slot * 16L, packets.address(packet));
                ring.set(LONG, slot * 16L + 8, packet.length() | END_OF_PACKET | INSERT_FCS);
                bytes += packet.length();
            }
            if (accepted > 0) {
                send(accepted);
                traffic.add(accepted, bytes);
            } else if (room > 0) {
                throw unsendable(from[first]);
            }
            return accepted;
        } catch (IllegalStateException e) {
            // The memory has gone before the tail was moved: nothing was accepted.
            takeBack(accepted + 1);
            throw e;
        }
    }

    /** Has the last of a batch reported, and moves the tail: one register write for all. */
    private void send(int accepted) {
        int last = tail + accepted - 1 & MASK;
        long word = last * 16L + 8;
        ring.set(LONG, word, ring.get(LONG, word) | REPORT_STATUS);
        batchEnd[tail] = last;
        tail = last + 1 & MASK;
        try {
            registers.transmitTail(tail);
        } catch (DeviceGoneException e) {
            // The frames are the port's, and come back when the next call says that the device is gone.
            return;
        }
    }

    /** Gives packets beyond the tail to the caller again. */
    private void takeBack(int count) {
        for (int i = 0; i < count; i++) {
            int slot = tail + i & MASK;
            DriverPacket packet = slots[slot];
            if (packet != null) {
                slots[slot] = null;
                packet.owner(PacketOwner.CALLER);
            }
        }
    }

    /** Gives the buffers of frames that have been sent back to the pool. */
    void reclaim() {
        while (clean != tail) {
            int last = batchEnd[clean];
            if (((long) LONG_AT.getAcquire(ring, last * 16L + 8) & DONE) == 0) {
                return;
            }
            giveUpTo(last + 1 & MASK);
        }
    }

    /** Whether all buffers are back. */
    boolean isEmpty() {
        return clean == tail;
    }

    /** Gives all buffers back; the device does not use them any more. */
    void abandon() {
        giveUpTo(tail);
    }

    private void giveUpTo(int end) {
        while (clean != end) {
            DriverPacket packet = slots[clean];
            slots[clean] = null;
            clean = clean + 1 & MASK;
            if (packet != null) {
                cache.give(packet);
            }
        }
    }

    private boolean sendable(DriverPacket packet) {
        return packets.has(packet)
                && packet.owner() == PacketOwner.CALLER
                && packet.length() >= MIN_FRAME
                && packet.length() <= MAX_FRAME
                && packet.next() == null
                && packet.requests() == 0;
    }

    private IllegalArgumentException unsendable(@Nullable Packet packet) {
        if (!(packet instanceof DriverPacket mine) || !packets.has(mine)) {
            return new IllegalArgumentException(
                    "only packets of this queue's pool can be sent; copy the frame into one,"
                            + " or open both queues with the same pool");
        }
        if (mine.owner() != PacketOwner.CALLER) {
            return new IllegalArgumentException("the packet is not the caller's any more: it was released or sent");
        }
        if (mine.next() != null || mine.requests() != 0) {
            return new IllegalArgumentException(
                    "the port cannot do what the packet asks for, which its features do not have");
        }
        return new IllegalArgumentException(
                "a frame has " + MIN_FRAME + " to " + MAX_FRAME + " bytes, not " + mine.length());
    }
}
