package org.busbar.net.io;

/** Numbers of the format pcapng (draft-ietf-opsawg-pcapng), by section. */
final class PcapNg {

    // Block types, 4.1 to 4.6 and appendix A
    static final int SECTION_HEADER = 0x0a0d0d0a;
    static final int INTERFACE_DESCRIPTION = 1;
    static final int OLD_PACKET = 2;
    static final int SIMPLE_PACKET = 3;
    static final int INTERFACE_STATISTICS = 5;
    static final int ENHANCED_PACKET = 6;

    // 4.1
    static final int BYTE_ORDER_MAGIC = 0x1a2b3c4d;
    static final long LENGTH_UNKNOWN = -1;

    // Options, 3.5
    static final int OPT_END = 0;
    static final int OPT_COMMENT = 1;
    // 4.1
    static final int SHB_OS = 3;
    static final int SHB_APPLICATION = 4;
    // 4.2
    static final int IF_NAME = 2;
    static final int IF_DESCRIPTION = 3;
    static final int IF_MAC = 6;
    static final int IF_SPEED = 8;
    static final int IF_TSRESOL = 9;
    static final int IF_TSOFFSET = 14;
    // 4.3
    static final int EPB_FLAGS = 2;
    // 4.6
    static final int ISB_START = 2;
    static final int ISB_END = 3;
    static final int ISB_RECEIVED = 4;
    static final int ISB_DROPPED = 5;

    static final int NANOSECONDS = 9;

    /** The longest frame that any reader has to take: what tcpdump and others keep at most. */
    static final int MOST_FRAME = 262_144;

    private PcapNg() {}
}
