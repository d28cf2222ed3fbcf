package org.busbar.net.driver;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A packet as a driver sees it; every {@link Packet} of the runtime's pools is one. Like any packet it is for its owner
 * alone: a driver uses these methods between accepting a packet and giving it to a {@link PacketCache} or to the caller.
 *
 * <pre>
 *   buffer:  | headroom ...  header | data: the frame, or a part of it ...  |
 *            0                      headroom()
 * </pre>
 */
@ProviderType
public interface DriverPacket extends Packet {

    /** In {@link #requests}: {@link Packet#requestChecksum}. */
    int CHECKSUM = 1;

    /** In {@link #requests}: {@link Packet#requestSegmentation} of TCP over IPv4. */
    int SEGMENTATION_IPV4 = 1 << 1;

    /** In {@link #requests}: {@link Packet#requestSegmentation} of TCP over IPv6. */
    int SEGMENTATION_IPV6 = 1 << 2;

    /** In {@link #requests}: {@link Packet#requestIpChecksum}. */
    int IP_CHECKSUM = 1 << 3;

    /** In {@link #requests}: {@link Packet#requestVlan}. */
    int VLAN = 1 << 4;

    /** Returns the pool that it is of. */
    DriverPool pool();

    /** Returns who has it. */
    PacketOwner owner();

    /**
     * Hands it over. It costs no atomic operation: between threads a packet is passed by whatever passes the reference, and
     * only {@link Packet#release}, which may be called too often, is checked atomically.
     */
    void owner(PacketOwner now);

    /** Returns the whole buffer with its headroom. */
    MemorySegment buffer();

    /** Returns where in the {@link #buffer} the {@link #data} begin, usually {@link DriverPool#HEADROOM}. */
    int headroom();

    /**
     * Has the data begin elsewhere, where a device writes other parts of a frame than the first. Holds for one use.
     *
     * @param bytes 0 to {@link DriverPool#HEADROOM}
     */
    void headroom(int bytes);

    /** Returns where in the pool's {@link DriverPool#memory} the {@link #data} begin. */
    long offset();

    @Override
    @Nullable
    DriverPacket next();

    /** Has another packet of the same pool follow, or none, without any check. */
    void link(@Nullable DriverPacket rest);

    /** Notes what the device has found out about the checksums of a received frame. */
    void verified(boolean ip, boolean transport);

    /** Notes the tag that the device has taken out of a received frame, 0 to 65535. */
    void vlan(int tag);

    /** Notes the hash by which the device has chosen the queue. */
    void hash(int value);

    /**
     * Returns what is asked of the device, a sum of {@link #CHECKSUM} and the like. A driver refuses a frame that asks for
     * what its port cannot do: a packet of a shared pool does not know the port that it will be sent by.
     */
    int requests();

    /** Returns where the bytes begin that a checksum is about, if one is requested. */
    int checksumStart();

    /** Returns where that checksum goes, counted from {@link #checksumStart}. */
    int checksumField();

    /** Returns the bytes up to the end of the TCP header, if segmentation is requested. */
    int segmentHeaders();

    /** Returns the bytes of payload in a segment, if segmentation is requested. */
    int segmentPayload();

    /** Returns where the IPv4 header begins, if its checksum is requested. */
    int ipChecksumStart();

    /** Returns the length of that header. */
    int ipChecksumBytes();

    /** Returns the tag that is to be put in, if one is requested. */
    int requestedVlan();
}
