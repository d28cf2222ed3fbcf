package org.busbar.driver.virtionet;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;

/**
 * A buffer with room for the header (5.1.6) before the frame, so that both are one piece. Made once, passed around ever
 * after.
 */
final class VirtioPacket implements Packet {

    /** Who has it. */
    enum Owner {
        POOL,
        CALLER,
        RING
    }

    /** Bytes before the frame; the header is the last of them. */
    static final int HEADROOM = 64;

    private static final int MAX_OFFSET = 0xffff;

    private final PacketPool pool;
    private final MemorySegment header;
    private final MemorySegment frame;
    /** The buffer as the device fills it where a frame has begun in another: without a header. */
    private final MemorySegment rest;

    private final long address;
    private boolean isRest;
    private int length;
    private Owner owner = Owner.POOL;
    private @Nullable VirtioPacket next;
    private boolean verified;
    private int checksumStart;
    private int checksumField = -1;
    private boolean segmentIpv6;
    private int segmentHeaders;
    private int segmentPayload;

    VirtioPacket(PacketPool pool, MemorySegment buffer, long address) {
        this.pool = pool;
        int start = HEADROOM - NetHeader.BYTES;
        header = buffer.asSlice(start, NetHeader.BYTES);
        rest = buffer.asSlice(start);
        frame = buffer.asSlice(HEADROOM);
        this.address = address + start;
    }

    /** Begins a new use. */
    void take(Owner by) {
        owner = by;
        length = 0;
        isRest = false;
        next = null;
        verified = false;
        checksumField = -1;
        segmentPayload = 0;
    }

    @Override
    public MemorySegment data() {
        return isRest ? rest : frame;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void length(int bytes) {
        if (bytes < 0 || bytes > data().byteSize()) {
            throw new IllegalArgumentException("a buffer holds 0 to " + data().byteSize() + " bytes, not " + bytes);
        }
        length = bytes;
    }

    @Override
    public void release() {
        if (owner != Owner.CALLER) {
            throw new IllegalStateException(
                    owner == Owner.POOL ? "the packet has been released already" : "the packet was handed to the port");
        }
        // A packet that is in two frames, or a frame that bites its tail, is given back once.
        for (VirtioPacket packet = this; packet != null && packet.owner == Owner.CALLER;) {
            VirtioPacket after = packet.next;
            packet.next = null;
            pool.give(packet);
            packet = after;
        }
    }

    @Override
    public @Nullable VirtioPacket next() {
        return next;
    }

    @Override
    public void next(@Nullable Packet following) {
        if (following == null) {
            next = null;
        } else if (following instanceof VirtioPacket mine && mine.pool == pool && mine.owner == Owner.CALLER
                && mine != this) {
            next = mine;
        } else {
            throw new IllegalArgumentException("only another packet of the same queue, and the caller's, can follow");
        }
    }

    @Override
    public boolean checksumVerified() {
        return verified;
    }

    void verified() {
        verified = true;
    }

    @Override
    public void requestChecksum(int start, int field) {
        if (!pool.features().has(Feature.CSUM)) {
            throw new UnsupportedOperationException("the device does not fill in checksums");
        }
        if (start < 0 || start > MAX_OFFSET || field < 0 || field > MAX_OFFSET) {
            throw new IllegalArgumentException(
                    "offsets of a checksum are 0 to 65535, not " + start + " and " + field);
        }
        checksumStart = start;
        checksumField = field;
    }

    @Override
    public void requestSegmentation(boolean ipv6, int headers, int payload) {
        if (!pool.features().has(ipv6 ? Feature.HOST_TSO6 : Feature.HOST_TSO4)) {
            throw new UnsupportedOperationException("the device does not segment TCP over " + (ipv6 ? "IPv6" : "IPv4"));
        }
        if (headers < 0 || headers > MAX_OFFSET || payload < 1 || payload > MAX_OFFSET) {
            throw new IllegalArgumentException(
                    "headers have 0 to 65535 bytes and segments 1 to 65535, not " + headers + " and " + payload);
        }
        segmentIpv6 = ipv6;
        segmentHeaders = headers;
        segmentPayload = payload;
    }

    /** Writes the header for the device. */
    void writeHeader() {
        if (checksumField < 0 && segmentPayload == 0) {
            NetHeader.clear(header);
        } else {
            NetHeader.write(header, checksumStart, checksumField, segmentIpv6, segmentHeaders, segmentPayload);
        }
    }

    MemorySegment header() {
        return header;
    }

    /** Makes it the rest of a frame that begins in another. */
    void asRest(int bytes) {
        isRest = true;
        length = bytes;
    }

    boolean isRest() {
        return isRest;
    }

    /** Where the device sees the header, or the rest of a frame. */
    long address() {
        return address;
    }

    /** Where the device sees the data. */
    long dataAddress() {
        return isRest ? address : address + NetHeader.BYTES;
    }

    /** Bytes of header and frame. */
    int room() {
        return (int) rest.byteSize();
    }

    PacketPool pool() {
        return pool;
    }

    Owner owner() {
        return owner;
    }

    void owner(Owner now) {
        owner = now;
    }
}
