package org.busbar.emulator.internal.virtio;

/** Numbers of the specification, and where this device has what. */
final class Virtio {

    // Features (5.1.3, 6)
    static final long CSUM = 1L;
    static final long GUEST_CSUM = 1L << 1;
    static final long MTU = 1L << 3;
    static final long MAC = 1L << 5;
    static final long GUEST_TSO4 = 1L << 7;
    static final long GUEST_TSO6 = 1L << 8;
    static final long HOST_TSO4 = 1L << 11;
    static final long HOST_TSO6 = 1L << 12;
    static final long MRG_RXBUF = 1L << 15;
    static final long STATUS = 1L << 16;
    static final long CTRL_VQ = 1L << 17;
    static final long CTRL_RX = 1L << 18;
    static final long CTRL_VLAN = 1L << 19;
    static final long MQ = 1L << 22;
    static final long CTRL_MAC_ADDR = 1L << 23;
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    static final long VERSION_1 = 1L << 32;
    static final long ACCESS_PLATFORM = 1L << 33;
    static final long RING_PACKED = 1L << 34;
    static final long RING_RESET = 1L << 40;
    static final long HASH_REPORT = 1L << 57;
    static final long RSS = 1L << 60;
    static final long SPEED_DUPLEX = 1L << 63;

    // device_status (2.1)
    static final int DRIVER_OK = 4;
    static final int FEATURES_OK = 8;
    static final int NEEDS_RESET = 64;

    static final int NO_VECTOR = 0xffff;

    // The base address registers: one for the structures, one for MSI-X.
    static final int BAR = 4;
    static final int BAR_SIZE = 0x4000;
    static final int MSIX_BAR = 1;
    static final int MSIX_BAR_SIZE = 0x1000;
    static final int COMMON = 0x0000;
    static final int COMMON_LENGTH = 0x3c;
    static final int ISR = 0x1000;
    static final int DEVICE = 0x2000;
    static final int DEVICE_LENGTH = 0x40;
    static final int NOTIFY = 0x3000;
    static final int NOTIFY_MULTIPLIER = 4;

    static final int QUEUE_SIZE = 256;
    static final int MAX_PAIRS = 16;

    // Descriptors of both formats (2.7.5, 2.8.1)
    static final int NEXT = 1;
    static final int WRITE = 2;
    static final int INDIRECT = 4;

    /** Bytes of struct virtio_net_hdr (5.1.6). */
    static final int HEADER = 12;

    /** The same with a hash, its kind and padding. */
    static final int HASH_HEADER = 20;

    private Virtio() {}

    /** Returns how long struct virtio_net_hdr is. */
    static int header(long features) {
        return (features & HASH_REPORT) != 0 ? HASH_HEADER : HEADER;
    }

    /** Whether an entry is among those from old to now, now excluded (2.7.10). */
    static boolean crosses(int event, int now, int old) {
        return (now - event - 1 & 0xffff) < (now - old & 0xffff);
    }
}
