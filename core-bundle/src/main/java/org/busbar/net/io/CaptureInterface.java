package org.busbar.net.io;

import java.io.IOException;
import java.math.BigInteger;

/**
 * An interface of a section.
 *
 * @param linkType what its frames begin with
 * @param snapLength how many bytes are kept of a frame, 0 for all
 * @param unitsPerSecond of its times
 * @param offsetSeconds to be added to its times
 */
record CaptureInterface(int linkType, int snapLength, BigInteger unitsPerSecond, long offsetSeconds) {

    private static final long MICROSECONDS = 1_000_000;
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    static CaptureInterface read(CaptureBytes bytes, long body) throws IOException {
        int linkType = bytes.takeShort();
        bytes.takeShort(); // reserved
        int snapLength = bytes.takeInt();
        BigInteger units = BigInteger.valueOf(MICROSECONDS);
        long offset = 0;
        long left = body - 8;
        while (left >= 4) {
            bytes.need(4);
            int code = bytes.takeShort();
            int length = bytes.takeShort();
            left -= 4;
            if (code == PcapNg.OPT_END || length > left) {
                break;
            }
            int used = 0;
            if (code == PcapNg.IF_TSRESOL && length == 1) {
                bytes.need(1);
                units = units(bytes.takeByte());
                used = 1;
            } else if (code == PcapNg.IF_TSOFFSET && length == 8) {
                bytes.need(8);
                offset = bytes.takeLong();
                used = 8;
            }
            long padded = Math.min((length + 3L) & ~3, left);
            bytes.skip(padded - used);
            left -= padded;
        }
        return new CaptureInterface(linkType, Math.max(snapLength, 0), units, offset);
    }

    /** 4.2, if_tsresol: a negative power of ten, or with the highest bit of two. */
    private static BigInteger units(int resolution) {
        int power = resolution & 0x7f;
        return (resolution & 0x80) == 0 ? BigInteger.TEN.pow(power) : BigInteger.TWO.pow(power);
    }

    /** Returns a time of the file, an unsigned number of units, in nanoseconds; what does not fit wraps. */
    long nanos(long time) {
        if (unitsPerSecond.equals(NANOS)) {
            return time + offsetSeconds * 1_000_000_000L;
        }
        return new BigInteger(Long.toUnsignedString(time))
                .multiply(NANOS)
                .divide(unitsPerSecond)
                .add(BigInteger.valueOf(offsetSeconds).multiply(NANOS))
                .longValue();
    }
}
