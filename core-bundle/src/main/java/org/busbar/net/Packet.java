package org.busbar.net;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A frame in memory that the device can reach. Preallocated, owned by one party at a time: the caller between {@link
 * PortQueue#allocate} or {@link PortQueue#receive} and {@link PortQueue#transmit} or {@link #release}; the port
 * otherwise. The caller may be any thread, and several one after the other.
 *
 * <p>A packet of a {@link PacketPool} does not know which port it will be sent by. What is requested of that and the port
 * lacks is refused when the packet is sent, not when it is requested.
 */
@ProviderType
public interface Packet {

    /** Returns the whole buffer; the frame is its first {@link #length} bytes, from the destination address on. */
    MemorySegment data();

    /** Returns the length of the frame in bytes, without frame check sequence. */
    int length();

    /**
     * Sets the length of the frame.
     *
     * @throws IllegalArgumentException if the buffer is smaller
     */
    void length(int bytes);

    /**
     * Gives the buffer back to its pool, and those that follow it to theirs. On any thread.
     *
     * @throws IllegalStateException if it is not the caller's any more, because it was released or handed to a port
     */
    void release();

    /**
     * Returns the buffer with the rest of a frame that is longer than this one; null if there is no more. The packets of a
     * frame go together: they are sent and released with the first.
     */
    default @Nullable Packet next() {
        return null;
    }

    /**
     * Appends another packet of the same pool, or takes what follows off, which is then the caller's by itself.
     *
     * @throws UnsupportedOperationException if the port lacks {@link PortFeature#SCATTERED_TRANSMIT}
     */
    default void next(@Nullable Packet rest) {
        throw new UnsupportedOperationException("this port sends frames of one buffer only");
    }

    /**
     * Returns whether the device has found the checksum of the TCP or UDP in a received frame right. False says nothing:
     * the device may not have looked.
     */
    default boolean checksumVerified() {
        return false;
    }

    /**
     * Has the device put a checksum (RFC 1071) into the frame as it is sent. The field holds, in network byte order, the
     * sum of what else counts, for TCP and UDP that of the pseudo header. Holds until the packet is sent or released.
     *
     * @param start where the bytes begin that are summed up, to the frame's end
     * @param field where the checksum goes, counted from {@code start}
     * @throws UnsupportedOperationException if the port lacks {@link PortFeature#TRANSMIT_CHECKSUM}
     * @throws IllegalArgumentException if the offsets are outside 0 to 65535
     */
    default void requestChecksum(int start, int field) {
        throw new UnsupportedOperationException("this port does not fill in checksums");
    }

    /**
     * Has the device cut the TCP segment in the frame into several, each with a copy of the headers; the checksum has to be
     * requested as well. Holds until the packet is sent or released.
     *
     * @param ipv6 whether it is IPv6
     * @param headers bytes up to the end of the TCP header
     * @param payload bytes of payload in a segment, 1 to 65535
     * @throws UnsupportedOperationException if the port lacks {@link PortFeature#SEGMENTATION_IPV4} or
     *     {@link PortFeature#SEGMENTATION_IPV6}
     */
    default void requestSegmentation(boolean ipv6, int headers, int payload) {
        throw new UnsupportedOperationException("this port does not segment TCP");
    }

    /** Returns whether the device has found the checksum of the IPv4 header of a received frame right; false says nothing. */
    default boolean ipChecksumVerified() {
        return false;
    }

    /**
     * Has the device fill in the checksum of an IPv4 header as the frame is sent. Holds until the packet is sent or
     * released.
     *
     * @param start where the IPv4 header begins, 0 to 255
     * @param bytes its length, 20 to 60
     * @throws UnsupportedOperationException if the port lacks {@link PortFeature#TRANSMIT_IP_CHECKSUM}
     * @throws IllegalArgumentException if the offsets are outside
     */
    default void requestIpChecksum(int start, int bytes) {
        throw new UnsupportedOperationException("this port does not fill in checksums of IP headers");
    }

    /**
     * Returns the tag control information (IEEE 802.1Q, 9.6) of the tag that was taken out of a received frame, 0 to 65535; -1
     * if none was.
     */
    default int vlan() {
        return -1;
    }

    /**
     * Has the device put a tag of a VLAN into the frame as it is sent. Holds until the packet is sent or released.
     *
     * @param tag tag control information, 0 to 65535
     * @throws UnsupportedOperationException if the port lacks {@link PortFeature#VLAN_INSERT}
     * @throws IllegalArgumentException if the tag is outside
     */
    default void requestVlan(int tag) {
        throw new UnsupportedOperationException("this port does not put in tags of VLANs");
    }

    /** Returns the hash by which the device has chosen the queue of a received frame; 0 also if it has told none. */
    default int hash() {
        return 0;
    }
}
