package org.busbar.emulator.internal.nic;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.net.InternetChecksum;

/** Puts checksums into frames that are to be sent. */
final class Checksums {

    private static final int ALL_ONES = 0xffff;

    private Checksums() {}

    /**
     * Adds up part of a frame, with what is in the checksum's field already, and puts the complement there. Nothing
     * happens if one of the places is outside the frame.
     *
     * @param frame where the frame begins
     * @param length of the frame
     * @param start first byte to add up
     * @param end last byte to add up; 0 for the frame's last one
     * @param field where the checksum goes
     * @param neverZero whether it is UDP's, where zero means none
     */
    static void insert(MemorySegment frame, int length, int start, int end, int field, boolean neverZero) {
        int to = end == 0 ? length : Math.min(end + 1, length);
        if (start >= to || field + 2 > length) {
            return;
        }
        int value = ~InternetChecksum.sum(frame, start, to) & ALL_ONES;
        frame.set(InternetChecksum.SHORT, field, (short) (value == 0 && neverZero ? ALL_ONES : value));
    }
}
