package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;

/** Reads fields of a data structure that a controller has filled in: little endian, at any offset, unsigned. */
record Fields(MemorySegment page) {

    static Fields of(byte[] bytes) {
        return new Fields(MemorySegment.ofArray(bytes));
    }

    int u8(long at) {
        return page.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    int u16(long at) {
        return page.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) & 0xffff;
    }

    int s32(long at) {
        return page.get(ValueLayout.JAVA_INT_UNALIGNED, at);
    }

    long u32(long at) {
        return s32(at) & 0xffff_ffffL;
    }

    long s64(long at) {
        return page.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
    }

    /** A counter of 128 bits. */
    BigInteger u128(long at) {
        return unsigned(s64(at + 8)).shiftLeft(64).or(unsigned(s64(at)));
    }

    boolean bit(long at, int bit) {
        return (u8(at + bit / 8) >>> bit % 8 & 1) != 0;
    }

    /** ASCII, padded with blanks or zeros; whatever else a device puts there must not reach a terminal. */
    String text(long at, int length) {
        return new String(bytes(at, length), StandardCharsets.US_ASCII)
                .replaceAll("[\\x00 ]+$", "")
                .replaceAll("[^\\x20-\\x7e]", "?")
                .strip();
    }

    /** An identifier in lowercase hex; nothing if it is all zeros, which means that there is none. */
    Optional<String> hex(long at, int length) {
        byte[] bytes = bytes(at, length);
        for (byte b : bytes) {
            if (b != 0) {
                return Optional.of(HexFormat.of().formatHex(bytes));
            }
        }
        return Optional.empty();
    }

    private byte[] bytes(long at, int length) {
        return page.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
