package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * What Identify Controller says (NVMe Base 1.4, section 5.15.2.2, figure 247), as far as it is used.
 *
 * @param serial SN, trimmed
 * @param model MN, trimmed
 * @param firmware FR, trimmed
 * @param maxTransfer MDTS in bytes, {@link Long#MAX_VALUE} if there is no limit
 * @param shutdownMicros RTD3E, how long a shutdown may take, 0 if not reported
 * @param namespaces NN, the highest namespace identifier
 * @param io what it says of the I/O command set
 */
record ControllerInfo(
        String serial,
        String model,
        String firmware,
        long maxTransfer,
        long shutdownMicros,
        int namespaces,
        IoSupport io) {

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    static ControllerInfo parse(MemorySegment page, int minPageShift) {
        int mdts = page.get(ValueLayout.JAVA_BYTE, 77) & 0xff;
        int shift = mdts + minPageShift;
        return new ControllerInfo(
                text(page, 4, 20),
                text(page, 24, 40),
                text(page, 64, 8),
                mdts == 0 || shift > 62 ? Long.MAX_VALUE : 1L << shift,
                page.get(INT, 88) & 0xffff_ffffL,
                page.get(INT, 516),
                IoSupport.parse(page));
    }

    /** ASCII, padded with blanks; whatever else a device puts there must not reach a terminal. */
    private static String text(MemorySegment page, long offset, int length) {
        byte[] bytes = page.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        return new String(bytes, StandardCharsets.US_ASCII)
                .replaceAll("[^\\x20-\\x7e]", "?")
                .replaceAll("\\?+$", "")
                .strip();
    }
}
