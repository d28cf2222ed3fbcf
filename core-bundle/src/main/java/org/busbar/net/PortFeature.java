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
    LINK_EVENTS,
    /** {@link NetworkPort#changeMtu}. */
    MTU_SET,
    /** {@link NetworkPort#vlanStripping} and {@link Packet#vlan}. */
    VLAN_STRIP,
    /** {@link Packet#requestVlan}. */
    VLAN_INSERT,
    /** {@link Packet#requestIpChecksum}. */
    TRANSMIT_IP_CHECKSUM,
    /** {@link Packet#ipChecksumVerified} is true of frames that the device has looked at. */
    RECEIVE_IP_CHECKSUM,
    /** {@link NetworkPort#changeFlowControl}. */
    FLOW_CONTROL,
    /** {@link NetworkPort#changeReceiveSpread}: receive side scaling. */
    RECEIVE_SPREAD,
    /** {@link Packet#hash} of received frames is what they were spread by. */
    RECEIVE_HASH,
    /** {@link NetworkPort#statistics(int)}. */
    QUEUE_STATISTICS,
    /** {@link PortQueue#stop} and {@link PortQueue#start}. */
    QUEUE_RESTART,
    /** {@link PortQueue#receiveStatus} and {@link PortQueue#transmitStatus}. */
    DESCRIPTOR_STATUS,
    /** {@link NetworkPort#throttleInterrupts}. */
    INTERRUPT_THROTTLING,
    /** {@link NetworkPort#reset}. */
    RESET,
    /** {@link NetworkPort#identify}. */
    LED,
    /** {@link PortQueueOptions#pool}: packets of one pool pass between ports without a copy. */
    SHARED_POOL
}
