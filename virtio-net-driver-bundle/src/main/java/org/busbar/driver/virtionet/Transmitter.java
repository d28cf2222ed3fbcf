package org.busbar.driver.virtionet;

import org.busbar.device.DeviceGoneException;
import org.busbar.driver.virtionet.VirtioPacket.Owner;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;

/** Sends frames (5.1.6.2). For one thread at a time; allocates nothing after construction. */
final class Transmitter {

    /** An Ethernet header. */
    static final int MIN_FRAME = 14;

    /** The longest frame: a segment of TCP with its headers and a VLAN tag, to be cut by the device. */
    static final int MAX_FRAME = 65_535 + 18;

    private final Ring ring;
    private final Doorbell doorbell;
    private final PacketPool pool;
    private final Traffic traffic;
    private final @Nullable VirtioPacket[] slots;
    private int waiting;

    Transmitter(Ring ring, Doorbell doorbell, PacketPool pool, Traffic traffic) {
        this.ring = ring;
        this.doorbell = doorbell;
        this.pool = pool;
        this.traffic = traffic;
        slots = new @Nullable VirtioPacket[ring.size()];
    }

    /**
     * Hands over frames, up to the first that cannot be sent. If that is the very first, says why.
     *
     * @throws IllegalArgumentException if the first is no frame of this queue, or too long or short
     */
    int transmit(@Nullable Packet[] from, int first, int count) {
        reclaim();
        int accepted = 0;
        long bytes = 0;
        try {
            for (; accepted < count; accepted++) {
                if (!(from[first + accepted] instanceof VirtioPacket packet) || !sendable(packet)) {
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
            if (from[i] instanceof VirtioPacket packet) {
                for (VirtioPacket part = packet; part != null; part = part.next()) {
                    part.owner(Owner.CALLER);
                }
            }
        }
        for (int i = 0; i < slots.length; i++) {
            VirtioPacket packet = slots[i];
            if (packet != null && packet.owner() == Owner.CALLER) {
                slots[i] = null;
                waiting--;
            }
        }
    }

    /** Adds a frame; returns its bytes. */
    private int add(VirtioPacket packet) {
        packet.writeHeader();
        int bytes = 0;
        int buffer = 0;
        for (VirtioPacket part = packet; part != null; part = part.next()) {
            boolean isFirst = part == packet;
            part.owner(Owner.RING);
            buffer = ring.add(
                    isFirst ? part.address() : part.dataAddress(),
                    part.length() + (isFirst ? NetHeader.BYTES : 0),
                    part.next() == null ? 0 : Ring.NEXT);
            bytes += part.length();
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
    void reclaim() {
        int taken = 0;
        for (int buffer = ring.take(); buffer != Ring.NONE; buffer = ring.take()) {
            give(buffer);
            taken++;
        }
        if (taken > 0) {
            ring.silence();
        }
    }

    /** Whether all buffers are back. */
    boolean isEmpty() {
        return waiting == 0;
    }

    /** Gives all buffers back; the device does not use them any more. */
    void abandon() {
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null) {
                give(i);
            }
        }
    }

    private void give(int buffer) {
        VirtioPacket packet = slots[buffer];
        slots[buffer] = null;
        waiting--;
        while (packet != null) {
            VirtioPacket next = packet.next();
            packet.next(null);
            pool.give(packet);
            packet = next;
        }
    }

    private static int pieces(VirtioPacket packet) {
        int pieces = 0;
        for (VirtioPacket part = packet; part != null; part = part.next()) {
            pieces++;
        }
        return pieces;
    }

    /** A frame has room for a header, is the caller's with all its parts, and each part is in it once. */
    private boolean sendable(VirtioPacket packet) {
        if (packet.isRest()) {
            return false;
        }
        long bytes = 0;
        int parts = 0;
        for (VirtioPacket part = packet; part != null; part = part.next()) {
            bytes += part.length();
            if (part.pool() != pool || part.owner() != Owner.CALLER || ++parts > ring.size()) {
                return false;
            }
        }
        return packet.length() >= MIN_FRAME && bytes <= MAX_FRAME;
    }

    private IllegalArgumentException unsendable(@Nullable Packet packet) {
        if (!(packet instanceof VirtioPacket mine) || mine.pool() != pool) {
            return new IllegalArgumentException(
                    "only packets that this queue has allocated or received can be sent; copy the frame into one");
        }
        if (mine.owner() != Owner.CALLER) {
            return new IllegalArgumentException("the packet is not the caller's any more: it was released or sent");
        }
        if (mine.isRest()) {
            return new IllegalArgumentException(
                    "the packet is the rest of a frame, and cannot be the beginning of one");
        }
        return new IllegalArgumentException("a frame has " + MIN_FRAME + " bytes at least in its first buffer, and "
                + MAX_FRAME + " at most in up to " + ring.size() + " buffers, all of this queue and the caller's");
    }
}
