package org.busbar.driver.virtionet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.busbar.net.driver.DriverPacket;
import org.jspecify.annotations.Nullable;

/** Fills in checksums (RFC 1071) of frames from senders that left that to their device, which then never was one. */
final class Checksum {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private Checksum() {}

    /**
     * Completes a received frame as its header says (5.1.6.4.2). The field has the sum of the pseudo header, and is summed
     * up with the rest.
     *
     * @param header bytes of it
     * @return false if the header points outside the frame's first buffer
     */
    static boolean complete(DriverPacket frame, int header) {
        int start = NetHeader.checksumStart(frame, header);
        int field = start + NetHeader.checksumOffset(frame, header);
        if (start >= frame.length() || field + 2 > frame.length()) {
            return false;
        }
        long sum = 0;
        boolean odd = false;
        int from = start;
        for (@Nullable
        DriverPacket part = frame; part != null; part = part.next()) {
            int more = sum(part.data(), from, part.length());
            // A part that begins at an odd place has its bytes the other way round.
            sum += odd ? Integer.reverseBytes(more) >>> 16 : more;
            odd ^= (part.length() - from & 1) != 0;
            from = 0;
        }
        int folded = ~fold(sum) & 0xffff;
        // In UDP 0 stands for no checksum; to TCP both zeros are the same.
        frame.data().set(SHORT, field, (short) (folded == 0 ? 0xffff : folded));
        return true;
    }

    /** The 16-bit sum of some bytes, with a zero behind an odd number of them. */
    private static int sum(MemorySegment data, int from, int to) {
        long sum = 0;
        int at = from;
        for (; at + 1 < to; at += 2) {
            sum += data.get(SHORT, at) & 0xffff;
        }
        if (at < to) {
            sum += (data.get(ValueLayout.JAVA_BYTE, at) & 0xff) << 8;
        }
        return fold(sum);
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }
}
