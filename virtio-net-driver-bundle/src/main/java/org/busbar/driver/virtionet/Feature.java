package org.busbar.driver.virtionet;

/** Features that the driver knows, with their bits: of network devices (5.1.3), and of all (6). */
enum Feature {
    /** The device fills in checksums of what is sent. */
    CSUM(0),
    /** The driver takes frames whose checksum is not filled in. */
    GUEST_CSUM(1),
    MTU(3),
    MAC(5),
    /** The device puts segments of TCP over IPv4, or IPv6, together. */
    GUEST_TSO4(7),
    GUEST_TSO6(8),
    /** The device cuts TCP over IPv4, or IPv6, into segments. */
    HOST_TSO4(11),
    HOST_TSO6(12),
    /** A frame may take several receive buffers. */
    MRG_RXBUF(15),
    /** The link's state is reported. */
    STATUS(16),
    CTRL_VQ(17),
    CTRL_RX(18),
    CTRL_VLAN(19),
    /** Several queue pairs. */
    MQ(22),
    CTRL_MAC_ADDR(23),
    EVENT_IDX(29),
    /** The interface of version 1, without which nothing of this holds. */
    VERSION_1(32),
    /** Addresses go through the platform's IOMMU. */
    ACCESS_PLATFORM(33),
    RING_PACKED(34),
    ORDER_PLATFORM(36),
    /** Single virtqueues can be reset. */
    RING_RESET(40),
    /** Each frame comes with its hash. */
    HASH_REPORT(57),
    /** Frames are spread over queues by a hash and a table. */
    RSS(60),
    SPEED_DUPLEX(63);

    private final long mask;

    Feature(int bit) {
        mask = 1L << bit;
    }

    long mask() {
        return mask;
    }
}
