package org.busbar.driver.virtionet;

import java.util.Objects;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.Traffic;
import org.busbar.driver.support.TransmitSide;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/** Sends frames (5.1.6.2). For one thread at a time; allocates nothing after construction. */
final class Transmitter implements TransmitSide {

    /** An Ethernet header. */
    static final int MIN_FRAME = 14;

    /** The longest frame: a segment of TCP with its headers and a VLAN tag, to be cut by the device. */
    static final int MAX_FRAME = 65_535 + 18;

    private final Ring ring;
    private final Doorbell doorbell;
    private final QueuePackets packets;
    private final PacketCache cache;
    private final Traffic traffic;
    /** What packets may ask for. */
    private final int requests;
    private final @Nullable DriverPacket[] slots;
    private final int headerBytes;
    private int waiting;

    Transmitter(Ring ring, Doorbell doorbell, QueuePackets packets, Traffic traffic, Features features) {
        this.ring = ring;
        this.doorbell = doorbell;
        this.packets = packets;
        cache = packets.cache();
        this.traffic = traffic;
        headerBytes = NetHeader.bytes(features);
        requests = (features.has(Feature.CSUM) ? DriverPacket.CHECKSUM : 0)
                | (features.has(Feature.HOST_TSO4) ? DriverPacket.SEGMENTATION_IPV4 : 0)
                | (features.has(Feature.HOST_TSO6) ? DriverPacket.SEGMENTATION_IPV6 : 0);
        slots = new @Nullable DriverPacket[ring.size()];
    }

    /**
     * Hands over frames, up to the first that cannot be sent. If that is the very first, says why.
     *
     * @throws IllegalArgumentException if the first is no frame of this queue, or too long or short
     */
    @Override
    public int transmit(@Nullable Packet[] from, int first, int count) {
        reclaim();
        int accepted = 0;
        long bytes = 0;
        try {
            for (; accepted < count; accepted++) {
                if (!(from[first + accepted] instanceof DriverPacket packet) || !sendable(packet)) {
                    if (accepted == 0) {
                        throw unsendable(from[first]);
                    }
                    break;
                }
                if (pieces(packet) > ring.free()) {
                    break;
                }
                bytes += add(packet);
            }
        } catch (IllegalStateException e) {
            // The memory has gone before anything was published: nothing was accepted.
            takeBack(from, first, accepted + 1);
            throw e;
        }
        if (accepted > 0) {
            traffic.add(accepted, bytes);
            tell();
        }
        return accepted;
    }

    /** Gives packets that were added to the caller again. */
    private void takeBack(@Nullable Packet[] from, int first, int count) {
        for (int i = first; i < first + count; i++) {
            if (from[i] instanceof DriverPacket packet) {
                for (DriverPacket part = packet; part != null; part = part.next()) {
                    part.owner(PacketOwner.CALLER);
                }
            }
        }
        for (int i = 0; i < slots.length; i++) {
            DriverPacket packet = slots[i];
            if (packet != null && packet.owner() == PacketOwner.CALLER) {
                slots[i] = null;
                waiting--;
            }
        }
    }

    /** Adds a frame; returns its bytes. */
    private int add(DriverPacket packet) {
        NetHeader.write(packet, headerBytes);
        int bytes = 0;
        int buffer = 0;
        int header = headerBytes;
        for (DriverPacket part = packet; part != null; part = part.next()) {
            part.owner(PacketOwner.PORT);
            buffer = ring.add(
                    packets.address(part) - header,
                    part.length() + header,
                    part.next() == null ? 0 : Ring.NEXT);
            bytes += part.length();
            header = 0;
        }
        slots[buffer] = packet;
        waiting++;
        return bytes;
    }

    private void tell() {
        try {
            if (ring.publish()) {
                doorbell.ring();
            }
        } catch (DeviceGoneException e) {
            // The frames are the port's, and come back when the next call says that the device is gone.
            return;
        }
    }

    /** Gives the buffers of frames that have been sent back to the pool. */
    @Override
    public void reclaim() {
        int taken = 0;
        for (int buffer = ring.take(); buffer != Ring.NONE; buffer = ring.take()) {
            give(buffer);
            taken++;
        }
        if (taken > 0) {
            ring.silence();
        }
    }

    /** Says who has a descriptor; 0 is the next that a frame goes to. */
    @Override
    public DescriptorStatus status(int offset) {
        int used = Objects.checkIndex(offset, ring.size()) - ring.free();
        if (used < 0) {
            return DescriptorStatus.UNUSED;
        }
        return used < ring.usedPieces() ? DescriptorStatus.DONE : DescriptorStatus.DEVICE;
    }

    /** Whether all buffers are back. */
    @Override
    public boolean isEmpty() {
        return waiting == 0;
    }

    /** Gives all buffers back; the device does not use them any more. */
    @Override
    public void abandon() {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null) {
                give(i);
            }
        }
    }

    private void give(int buffer) {
        DriverPacket packet = slots[buffer];
        slots[buffer] = null;
        waiting--;
        while (packet != null) {
            DriverPacket next = packet.next();
            packet.link(null);
            cache.give(packet);
            packet = next;
        }
    }

    private static int pieces(DriverPacket packet) {
        int pieces = 0;
        for (DriverPacket part = packet; part != null; part = part.next()) {
            pieces++;
        }
        return pieces;
    }

    /** A frame has room for a header, is the caller's with all its parts, and each part is in it once. */
    private boolean sendable(DriverPacket packet) {
        if (packet.headroom() < headerBytes || (packet.requests() & ~requests) != 0) {
            return false;
        }
        long bytes = 0;
        int parts = 0;
        for (DriverPacket part = packet; part != null; part = part.next()) {
            bytes += part.length();
            if (!packets.has(part) || part.owner() != PacketOwner.CALLER || ++parts > ring.size()) {
                return false;
            }
        }
        return packet.length() >= MIN_FRAME && bytes <= MAX_FRAME;
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
        if ((mine.requests() & ~requests) != 0) {
            return new IllegalArgumentException(
                    "the port cannot do what the packet asks for, which its features do not have");
        }
        return new IllegalArgumentException("a frame has " + MIN_FRAME + " bytes at least in its first buffer, and "
                + MAX_FRAME + " at most in up to " + ring.size()
                + " buffers, all of this queue's pool and the caller's");
    }

    /** What the device did wrong, if anything. */
    @Nullable
    String fault() {
        return ring.fault();
    }
}
