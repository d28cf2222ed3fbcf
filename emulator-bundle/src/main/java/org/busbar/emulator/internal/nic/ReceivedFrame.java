package org.busbar.emulator.internal.nic;

/**
 * What is known about the frame that is being received, besides its bytes. Status and errors have the bits of a legacy
 * descriptor (82574: section 7.1.4; 8254x manual: section 3.2.3); those of an extended one are the same ones. Device's
 * thread only.
 */
final class ReceivedFrame {

    static final int DONE = 1;
    static final int END_OF_PACKET = 1 << 1;
    static final int IGNORE_CHECKSUM = 1 << 2;
    static final int VLAN = 1 << 3;
    static final int UDP_CHECKED = 1 << 4;
    static final int TCP_CHECKED = 1 << 5;
    static final int IP_CHECKED = 1 << 6;
    static final int PASSED_INEXACT = 1 << 7;
    /** Extended descriptors only: the identification of IPv4 is there. */
    static final int IDENTIFIED = 1 << 9;

    static final int DAMAGED = 1;
    static final int BAD_TCP_OR_UDP = 1 << 5;
    static final int BAD_IP = 1 << 6;

    /** Bytes to write, after stripping and with the frame check sequence if that is kept. */
    int length;
    /** Where in the buffer they begin. */
    int offset;

    int status;
    int errors;
    int tag;
    /** The complement of the sum from RXCSUM.PCSS on. */
    int packetSum;

    int hash;
    int hashType;
    int queue;
    /** IPv4 identification. */
    int identification;

    void begin(int bytes) {
        length = bytes;
        offset = 0;
        status = IGNORE_CHECKSUM;
        errors = 0;
        tag = 0;
        packetSum = 0;
        hash = 0;
        hashType = 0;
        queue = 0;
        identification = 0;
    }
}
