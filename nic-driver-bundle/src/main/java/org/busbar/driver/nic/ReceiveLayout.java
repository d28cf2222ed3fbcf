package org.busbar.driver.nic;

/**
 * How the second half of a receive descriptor is laid out once a frame is there. Both kinds have the same eight bits of status
 * and eight of errors, in other places.
 */
enum ReceiveLayout {

    /** 7.1.4; SDM 3.2.3: length 15:0, checksum, status 39:32, errors 47:40, tag 63:48. */
    LEGACY(32, 40, 0),

    /** 7.1.5: status 19:0, errors 31:24, length 47:32, tag 63:48. The first half, which had the address, has the hash. */
    EXTENDED(0, 24, 32);

    // Status.
    private static final int DONE = 1;
    private static final int END_OF_PACKET = 1 << 1;
    private static final int IGNORE_CHECKSUM = 1 << 2;
    private static final int VLAN = 1 << 3;
    private static final int UDP_CHECKED = 1 << 4;
    private static final int TCP_CHECKED = 1 << 5;
    private static final int IP_CHECKED = 1 << 6;

    // Errors: CRC or alignment, symbol, sequence, carrier extension, and data errors; checksums are errors of their own kind.
    private static final int DAMAGED = 0x97;
    private static final int TRANSPORT_WRONG = 1 << 5;
    private static final int IP_WRONG = 1 << 6;

    private static final int TAG_SHIFT = 48;

    private final int statusShift;
    private final int errorShift;
    private final int lengthShift;

    ReceiveLayout(int statusShift, int errorShift, int lengthShift) {
        this.statusShift = statusShift;
        this.errorShift = errorShift;
        this.lengthShift = lengthShift;
    }

    boolean done(long word) {
        return has(word, DONE);
    }

    boolean last(long word) {
        return has(word, END_OF_PACKET);
    }

    int length(long word) {
        return (int) (word >>> lengthShift) & 0xffff;
    }

    boolean damaged(long word) {
        return (word >>> errorShift & DAMAGED) != 0;
    }

    /** Whether the controller has looked at the checksum of the IPv4 header, and it is right. */
    boolean ipVerified(long word) {
        return has(word, IP_CHECKED) && !has(word, IGNORE_CHECKSUM) && (word >>> errorShift & IP_WRONG) == 0;
    }

    /** Whether it has looked at that of TCP or UDP, and it is right. The 8254x say TCP for both. */
    boolean transportVerified(long word) {
        int checked = this == EXTENDED ? TCP_CHECKED | UDP_CHECKED : TCP_CHECKED;
        return has(word, checked) && !has(word, IGNORE_CHECKSUM) && (word >>> errorShift & TRANSPORT_WRONG) == 0;
    }

    /** Whether a tag was taken out. */
    boolean tagged(long word) {
        return has(word, VLAN);
    }

    int tag(long word) {
        return (int) (word >>> TAG_SHIFT);
    }

    private boolean has(long word, int status) {
        return (word >>> statusShift & status) != 0;
    }
}
