package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A datagram of which fragments have come. Its memory is used again for the next. */
final class Datagram {

    /** RFC 791, 3.1: the longest datagram, header included. */
    static final int MOST = 65_535;

    private static final int UNIT = 8;
    private static final int UNKNOWN = -1;

    private final MemorySegment data = MemorySegment.ofArray(new byte[MOST + 1]);
    private final long[] present = new long[(MOST + 1) / UNIT / Long.SIZE];
    private FragmentKey key = FragmentKey.NONE;
    private long beganNanos;
    private int units;
    private int length;

    /** What a fragment has done. */
    enum Added {
        /** The datagram is not whole yet. */
        PART,
        /** The datagram is whole. */
        WHOLE,
        /** It overlaps with another or does not fit: RFC 5722, the datagram is given up. */
        REFUSED
    }

    void begin(FragmentKey wanted, long nanos) {
        key = wanted;
        beganNanos = nanos;
        units = 0;
        length = UNKNOWN;
        Arrays.fill(present, 0);
    }

    void forget() {
        key = FragmentKey.NONE;
    }

    boolean isOf(FragmentKey wanted) {
        return key.equals(wanted);
    }

    boolean isFree() {
        return key.equals(FragmentKey.NONE);
    }

    long beganNanos() {
        return beganNanos;
    }

    MemorySegment data() {
        return data;
    }

    int length() {
        return length;
    }

    /**
     * Adds a fragment.
     *
     * @param offset where it belongs, a multiple of 8
     * @param more whether others follow behind it
     */
    Added add(int offset, boolean more, MemorySegment frame, long from, int bytes) {
        int end = offset + bytes;
        boolean fits = bytes > 0
                && end <= MOST
                && (!more || bytes % UNIT == 0)
                && (length == UNKNOWN || (more ? end <= length : end == length));
        if (!fits) {
            return Added.REFUSED;
        }
        int first = offset / UNIT;
        int last = (end - 1) / UNIT;
        int known = 0;
        for (int unit = first; unit <= last; unit++) {
            known += (present[unit / Long.SIZE] >>> unit % Long.SIZE & 1) == 0 ? 0 : 1;
        }
        if (known == last - first + 1) {
            return Added.PART; // the network has doubled it
        }
        if (known > 0 || (!more && isAnyBeyond(last + 1))) {
            return Added.REFUSED;
        }
        for (int unit = first; unit <= last; unit++) {
            present[unit / Long.SIZE] |= 1L << unit % Long.SIZE;
        }
        MemorySegment.copy(frame, from, data, offset, bytes);
        units += last - first + 1;
        if (!more) {
            length = end;
        }
        return length != UNKNOWN && units == (length + UNIT - 1) / UNIT ? Added.WHOLE : Added.PART;
    }

    private boolean isAnyBeyond(int unit) {
        for (int i = unit; i < present.length * Long.SIZE; i++) {
            if ((present[i / Long.SIZE] >>> i % Long.SIZE & 1) != 0) {
                return true;
            }
        }
        return false;
    }
}
