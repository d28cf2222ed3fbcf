package org.busbar.net;

/** What a port can do beyond sending and receiving frames. More may come; treat unknown ones as absent. */
public enum PortFeature {
    /** {@link NetworkPort#promiscuous}. */
    PROMISCUOUS,
    /** {@link NetworkPort#allMulticast}. */
    ALL_MULTICAST,
    /** {@link NetworkPort#multicast}. */
    MULTICAST_FILTER,
    /** {@link NetworkPort#vlan}. */
    VLAN_FILTER,
    /** {@link NetworkPort#changeMac}. */
    MAC_SET,
    /** {@link Packet#requestChecksum}. */
    TRANSMIT_CHECKSUM,
    /** {@link Packet#checksumVerified} is true of frames that the device has looked at. */
    RECEIVE_CHECKSUM,
    /** {@link Packet#requestSegmentation} of TCP over IPv4. */
    SEGMENTATION_IPV4,
    /** {@link Packet#requestSegmentation} of TCP over IPv6. */
    SEGMENTATION_IPV6,
    /** Frames longer than a buffer are received in several, see {@link Packet#next}. */
    SCATTERED_RECEIVE,
    /** Frames in several buffers can be sent, see {@link Packet#next}. */
    SCATTERED_TRANSMIT,
    /** Changes of the link are noticed when they happen. */
    LINK_EVENTS
}
