package org.busbar.core.internal.net;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.driver.DriverPacket;
import org.busbar.net.driver.DriverPool;
import org.busbar.net.driver.PacketOwner;
import org.jspecify.annotations.Nullable;

/** The packet. Made once, passed around ever after. */
final class PooledPacket implements DriverPacket {

    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(PooledPacket.class, "owner", PacketOwner.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int MAX_16 = 0xffff;
    private static final int MAX_IP_START = 255;
    private static final int MIN_IP_HEADER = 20;
    private static final int MAX_IP_HEADER = 60;

    // Among the requests, what a received frame has been found to have.
    private static final int RECEIVED = 16;
    private static final int VERIFIED = 1 << RECEIVED;
    private static final int IP_VERIFIED = 1 << (RECEIVED + 1);
    private static final int HAS_VLAN = 1 << (RECEIVED + 2);
    private static final int REQUESTS = (1 << RECEIVED) - 1;

    private final SharedPool pool;
    private final MemorySegment buffer;
    private final MemorySegment frame;
    private final long start;

    private PacketOwner owner = PacketOwner.POOL;
    /** Where it goes when it is released: the cache that it was taken from last; null for the pool itself. */
    private @Nullable LocalCache home;
    /** The one after it in a list of packets that were released. */
    @Nullable
    PooledPacket link;

    private MemorySegment data;
    /** The data where they begin elsewhere than usual; made when it is needed first, and kept. */
    private MemorySegment shifted;

    private int headroom = DriverPool.HEADROOM;
    private int length;
    private @Nullable PooledPacket next;
    private int marks;
    private int hash;
    private int vlan;
    private int checksumStart;
    private int checksumField;
    private int segmentHeaders;
    private int segmentPayload;
    private int ipStart;
    private int ipBytes;

    /**
     * @param start of the buffer in the pool's memory
     */
    PooledPacket(SharedPool pool, MemorySegment buffer, long start) {
        this.pool = pool;
        this.buffer = buffer;
        this.start = start;
        frame = buffer.asSlice(DriverPool.HEADROOM);
        data = frame;
        shifted = frame;
    }

    /** Begins a new use. */
    void take(@Nullable LocalCache from, PacketOwner by) {
        owner = by;
        if (home != from) {
            home = from;
        }
        length = 0;
        marks = 0;
        hash = 0;
        if (next != null) {
            next = null;
        }
        if (headroom != DriverPool.HEADROOM) {
            headroom = DriverPool.HEADROOM;
            data = frame;
        }
    }

    @Override
    public MemorySegment data() {
        return data;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public void length(int bytes) {
        if (bytes < 0 || bytes > data.byteSize()) {
            throw new IllegalArgumentException("a buffer holds 0 to " + data.byteSize() + " bytes, not " + bytes);
        }
        length = bytes;
    }

    /** Atomic, so that of two threads that release a packet one is told, and the packet is in the pool once. */
    @Override
    public void release() {
        if (!OWNER.compareAndSet(this, PacketOwner.CALLER, PacketOwner.POOL)) {
            throw new IllegalStateException(
                    owner == PacketOwner.POOL
                            ? "the packet has been released already"
                            : "the packet was handed to the port");
        }
        // A packet that is in two frames, or a frame that bites its tail, is given back once.
        PooledPacket packet = this;
        do {
            PooledPacket after = packet.next;
            packet.next = null;
            packet.goHome();
            packet = after;
        } while (packet != null && OWNER.compareAndSet(packet, PacketOwner.CALLER, PacketOwner.POOL));
    }

    private void goHome() {
        LocalCache cache = home;
        if (cache == null || !cache.offer(this)) {
            pool.give(this);
        }
    }

    @Override
    public @Nullable PooledPacket next() {
        return next;
    }

    @Override
    public void next(@Nullable Packet rest) {
        if (rest == null) {
            next = null;
            return;
        }
        pool.require(PortFeature.SCATTERED_TRANSMIT, "sends frames of one buffer only");
        if (!(rest instanceof PooledPacket mine) || mine.pool != pool || mine.owner != PacketOwner.CALLER
                || mine == this) {
            throw new IllegalArgumentException("only another packet of the same pool, and the caller's, can follow");
        }
        next = mine;
    }

    @Override
    public void link(@Nullable DriverPacket rest) {
        next = (PooledPacket) rest;
    }

    @Override
    public DriverPool pool() {
        return pool;
    }

    @Override
    public PacketOwner owner() {
        return owner;
    }

    @Override
    public void owner(PacketOwner now) {
        owner = now;
    }

    @Override
    public MemorySegment buffer() {
        return buffer;
    }

    @Override
    public int headroom() {
        return headroom;
    }

    @Override
    public void headroom(int bytes) {
        if (bytes < 0 || bytes > DriverPool.HEADROOM) {
            throw new IllegalArgumentException("data begin at 0 to " + DriverPool.HEADROOM + ", not at " + bytes);
        }
        if (bytes == headroom) {
            return;
        }
        headroom = bytes;
        if (bytes == DriverPool.HEADROOM) {
            data = frame;
            return;
        }
        if (shifted.byteSize() != buffer.byteSize() - bytes) {
            shifted = buffer.asSlice(bytes);
        }
        data = shifted;
    }

    @Override
    public long offset() {
        return start + headroom;
    }

    @Override
    public boolean checksumVerified() {
        return (marks & VERIFIED) != 0;
    }

    @Override
    public boolean ipChecksumVerified() {
        return (marks & IP_VERIFIED) != 0;
    }

    @Override
    public void verified(boolean ip, boolean transport) {
        marks |= (ip ? IP_VERIFIED : 0) | (transport ? VERIFIED : 0);
    }

    @Override
    public int vlan() {
        return (marks & HAS_VLAN) != 0 ? vlan : -1;
    }

    @Override
    public void vlan(int tag) {
        vlan = tag;
        marks |= HAS_VLAN;
    }

    @Override
    public int hash() {
        return hash;
    }

    @Override
    public void hash(int value) {
        hash = value;
    }

    @Override
    public int requests() {
        return marks & REQUESTS;
    }

    @Override
    public void requestChecksum(int from, int field) {
        pool.require(PortFeature.TRANSMIT_CHECKSUM, "does not fill in checksums");
        if (from < 0 || from > MAX_16 || field < 0 || field > MAX_16) {
            throw new IllegalArgumentException("offsets of a checksum are 0 to 65535, not " + from + " and " + field);
        }
        checksumStart = from;
        checksumField = field;
        marks |= CHECKSUM;
    }

    @Override
    public int checksumStart() {
        return checksumStart;
    }

    @Override
    public int checksumField() {
        return checksumField;
    }

    @Override
    public void requestSegmentation(boolean ipv6, int headers, int payload) {
        if (ipv6) {
            pool.require(PortFeature.SEGMENTATION_IPV6, "does not segment TCP over IPv6");
        } else {
            pool.require(PortFeature.SEGMENTATION_IPV4, "does not segment TCP over IPv4");
        }
        if (headers < 0 || headers > MAX_16 || payload < 1 || payload > MAX_16) {
            throw new IllegalArgumentException(
                    "headers have 0 to 65535 bytes and segments 1 to 65535, not " + headers + " and " + payload);
        }
        segmentHeaders = headers;
        segmentPayload = payload;
        marks = (marks & ~(SEGMENTATION_IPV4 | SEGMENTATION_IPV6)) | (ipv6 ? SEGMENTATION_IPV6 : SEGMENTATION_IPV4);
    }

    @Override
    public int segmentHeaders() {
        return segmentHeaders;
    }

    @Override
    public int segmentPayload() {
        return segmentPayload;
    }

    @Override
    public void requestIpChecksum(int from, int bytes) {
        pool.require(PortFeature.TRANSMIT_IP_CHECKSUM, "does not fill in checksums of IP headers");
        if (from < 0 || from > MAX_IP_START || bytes < MIN_IP_HEADER || bytes > MAX_IP_HEADER) {
            throw new IllegalArgumentException(
                    "an IPv4 header begins at 0 to 255 and has 20 to 60 bytes, not " + from + " and " + bytes);
        }
        ipStart = from;
        ipBytes = bytes;
        marks |= IP_CHECKSUM;
    }

    @Override
    public int ipChecksumStart() {
        return ipStart;
    }

    @Override
    public int ipChecksumBytes() {
        return ipBytes;
    }

    /** In place of the tag of a received frame, if there was one. */
    @Override
    public void requestVlan(int tag) {
        pool.require(PortFeature.VLAN_INSERT, "does not put in tags of VLANs");
        if (tag < 0 || tag > MAX_16) {
            throw new IllegalArgumentException("a tag is 0 to 65535, not " + tag);
        }
        vlan = tag;
        marks = (marks & ~HAS_VLAN) | VLAN;
    }

    @Override
    public int requestedVlan() {
        return vlan;
    }
}
