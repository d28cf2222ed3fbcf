package org.busbar.net.io;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Classic pcap (draft-ietf-opsawg-pcap).
 *
 * @param bytes the file's, behind its header
 * @param linkType what frames begin with
 * @param nanosPerUnit what the smaller half of a time counts
 */
record PcapFormat(CaptureBytes bytes, int linkType, int nanosPerUnit) implements CaptureFormat {

    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    /** Reads the file's header; returns nothing if it is another format. */
    static Optional<CaptureFormat> begin(CaptureBytes bytes, int magic) throws IOException {
        boolean reversed = magic != MICROSECONDS && magic != NANOSECONDS;
        int known = reversed ? Integer.reverseBytes(magic) : magic;
        if (known != MICROSECONDS && known != NANOSECONDS) {
            return Optional.empty();
        }
        if (reversed) {
            bytes.order(bytes.order() == ByteOrder.BIG_ENDIAN ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        }
        bytes.need(FILE_HEADER);
        int linkType = bytes.peekInt(20) & 0xffff; // above it stand flags about a frame check sequence
        bytes.skip(FILE_HEADER);
        return Optional.of(new PcapFormat(bytes, linkType, known == MICROSECONDS ? 1_000 : 1));
    }

    @Override
    public @Nullable CapturedFrame next() throws IOException {
        long at = bytes.position();
        if (!bytes.fill(RECORD_HEADER)) {
            return null;
        }
        long seconds = bytes.takeInt() & 0xffff_ffffL;
        long fraction = bytes.takeInt() & 0xffff_ffffL;
        int kept = bytes.takeInt();
        int original = bytes.takeInt();
        if (kept < 0 || kept > PcapNg.MOST_FRAME) {
            throw new CaptureFormatException("damaged: a frame of " + (kept & 0xffff_ffffL) + " bytes at byte " + at
                    + "; frames have at most " + PcapNg.MOST_FRAME);
        }
        bytes.need(kept);
        return new CapturedFrame(
                0,
                linkType,
                seconds * 1_000_000_000L + fraction * nanosPerUnit,
                Direction.UNKNOWN,
                Math.max(original, kept),
                bytes.take(kept));
    }
}
