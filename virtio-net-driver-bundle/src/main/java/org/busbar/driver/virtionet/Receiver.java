package org.busbar.driver.virtionet;

import java.util.Objects;
import org.busbar.device.DeviceGoneException;
import org.busbar.driver.support.Count;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.ReceiveSide;
import org.busbar.driver.support.Traffic;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.Packet;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketCache;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/**
 * Receives frames (5.1.6.3, 5.1.6.4): keeps the ring full of buffers and puts frames that take several together. For one
 * thread at a time; allocates nothing after construction.
 */
final class Receiver implements ReceiveSide {

    /** Buffers to collect before the device is told, which costs more than all the rest: posting late is harmless. */
    private static final int MAX_BATCH = 32;

    private final Ring ring;
    private final Doorbell doorbell;
    private final QueuePackets packets;
    private final PacketCache cache;
    /** Bytes of header and frame in a buffer. */
    private final int room;
    /** Bytes of the header, which the device writes so that the frame behind it is where frames are. */
    private final int header;
    private final boolean hashed;
    private final Traffic traffic;
    private final boolean mergeable;
    private final boolean checksums;
    private final int mostPosted;
    private final int batch;
    private final @Nullable DriverPacket[] slots;

    private int posted;
    private int unpublished;
    // The frame that is being put together: its buffers so far, and how many are missing.
    private @Nullable DriverPacket first;
    private @Nullable DriverPacket last;
    private int missing;
    private long frameBytes;
    private final Count errors = new Count();
    private final Count completed = new Count();

    /**
     * @param mostPosted how many buffers may wait in the ring
     */
    Receiver(
            Ring ring,
            Doorbell doorbell,
            QueuePackets packets,
            Traffic traffic,
            Features features,
            int mostPosted) {
        this.ring = ring;
        this.doorbell = doorbell;
        this.packets = packets;
        cache = packets.cache();
        header = NetHeader.bytes(features);
        hashed = features.has(Feature.HASH_REPORT);
        room = packets.pool().packetBytes() + header;
        this.traffic = traffic;
        this.mostPosted = mostPosted;
        // Most of a small ring is always the device's.
        batch = Math.max(1, Math.min(MAX_BATCH, Math.min(mostPosted, ring.size()) / 4));
        mergeable = features.has(Feature.MRG_RXBUF);
        checksums = features.has(Feature.GUEST_CSUM);
        slots = new @Nullable DriverPacket[ring.size()];
    }

    /** Posts buffers, and drops frames that came while nobody listened. */
    void start() {
        @Nullable
        Packet[] stale = new @Nullable Packet[ring.size()];
        for (int count = receive(stale); count > 0; count = receive(stale)) {
            giveBack(stale, count);
        }
    }

    @Override
    public boolean hasFrame() {
        return ring.hasUsed();
    }

    /** Asks for an interrupt at the next frame, for which the device has to have buffers. */
    void arm() {
        post();
        ring.arm();
    }

    /** Lets the device have as many buffers as it may. */
    @Override
    public void post() {
        refill();
        tell();
    }

    /** What the device did wrong, if anything. */
    @Nullable
    String fault() {
        return ring.fault();
    }

    void silence() {
        ring.silence();
    }

    /** Frames that could not be used, because a checksum was to be filled in where there is none. */
    long errors() {
        return errors.times();
    }

    /** Frames whose checksum the driver has filled in. */
    long completed() {
        return completed.times();
    }

    /** Says who has a descriptor; 0 is the next that a frame comes from. */
    @Override
    public DescriptorStatus status(int offset) {
        Objects.checkIndex(offset, ring.size());
        if (offset >= posted) {
            return DescriptorStatus.UNUSED;
        }
        return offset < ring.usedPieces() ? DescriptorStatus.DONE : DescriptorStatus.DEVICE;
    }

    /**
     * Takes frames that have arrived.
     *
     * @throws IllegalStateException if the memory has gone; then none are taken
     */
    @Override
    public int receive(@Nullable Packet[] into) {
        int taken = 0;
        long bytes = 0;
        try {
            while (taken < into.length) {
                int buffer = ring.take();
                if (buffer == Ring.NONE) {
                    break;
                }
                DriverPacket frame = accept(buffer, unpost(buffer));
                if (frame != null) {
                    into[taken++] = frame;
                    bytes += frameBytes;
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
        if (taken == 0 || unpublished >= batch) {
            tell();
        }
        return taken;
    }

    private DriverPacket unpost(int buffer) {
        DriverPacket packet = slots[buffer];
        if (packet == null) {
            throw new AssertionError("buffer " + buffer + " is posted and has no packet");
        }
        slots[buffer] = null;
        posted--;
        packet.owner(PacketOwner.CALLER);
        return packet;
    }

    /** Takes a buffer that the device has filled; returns a frame if it is the last of one. */
    private @Nullable DriverPacket accept(int buffer, DriverPacket packet) {
        long written = ring.written();
        boolean begins = first == null;
        if (written > room || (begins && written < header)) {
            cache.give(packet);
            ring.fail(
                    "the device says of buffer " + buffer + " that it has written " + written + " bytes to a buffer of "
                            + (begins ? header + " to " : "") + room);
            return null;
        }
        if (begins) {
            int buffers = mergeable ? buffers(packet) : 1;
            if (buffers < 1 || buffers > ring.size()) {
                cache.give(packet);
                ring.fail("the device says of buffer " + buffer + " that the frame in it takes " + buffers
                        + " buffers of " + ring.size());
                return null;
            }
            packet.length((int) written - header);
            first = packet;
            missing = buffers;
            frameBytes = 0;
        } else {
            packet.headroom(DriverPool.HEADROOM - header);
            packet.length((int) written);
            if (last != null) {
                last.link(packet);
            }
        }
        last = packet;
        frameBytes += packet.length();
        return --missing == 0 ? finish() : null;
    }

    private int buffers(DriverPacket packet) {
        try {
            return NetHeader.buffers(packet, header);
        } catch (IllegalStateException e) {
            cache.give(packet);
            throw e;
        }
    }

    /** A frame that is whole stays where {@link #abandon} finds it until nothing can go wrong any more. */
    private @Nullable DriverPacket finish() {
        DriverPacket frame = first;
        if (frame == null || (checksums && !checked(frame))) {
            return null;
        }
        if (hashed) {
            frame.hash(NetHeader.hash(frame));
        }
        first = null;
        last = null;
        return frame;
    }

    /** Notes what is known about the checksum; drops the frame if there is none and none can be made. */
    private boolean checked(DriverPacket frame) {
        boolean incomplete = NetHeader.needsChecksum(frame, header);
        if (incomplete && !Checksum.complete(frame, header)) {
            errors.once();
            dropPart();
            return false;
        }
        if (incomplete) {
            completed.once();
        }
        if (incomplete || NetHeader.dataValid(frame, header)) {
            frame.verified(false, true);
        }
        return true;
    }

    private void dropPart() {
        if (first != null) {
            first.release();
            first = null;
            last = null;
            missing = 0;
        }
    }

    private void refill() {
        while (posted < mostPosted && ring.free() > 0) {
            DriverPacket packet = cache.take(PacketOwner.PORT);
            if (packet == null) {
                return;
            }
            try {
                slots[ring.add(packets.address(packet) - header, room, Ring.WRITE)] = packet;
            } catch (IllegalStateException e) {
                cache.give(packet);
                throw e;
            }
            posted++;
            unpublished++;
        }
    }

    private void tell() {
        if (unpublished == 0) {
            return;
        }
        unpublished = 0;
        try {
            if (ring.publish()) {
                doorbell.ring();
            }
        } catch (DeviceGoneException e) {
            // What has been received is the caller's all the same; the next call says that the device is gone.
            return;
        }
    }

    /** Gives all buffers back; the device does not use them any more. */
    @Override
    public void abandon() {
        for (int i = 0; i < slots.length; i++) {
            DriverPacket packet = slots[i];
            if (packet != null) {
                slots[i] = null;
                cache.give(packet);
            }
        }
        posted = 0;
        unpublished = 0;
        dropPart();
    }

    private static void giveBack(@Nullable Packet[] into, int taken) {
        for (int i = 0; i < taken; i++) {
            Packet packet = into[i];
            into[i] = null;
            if (packet != null) {
                packet.release();
            }
        }
    }
}
