package org.busbar.net;

import java.util.HexFormat;
import java.util.Locale;

/**
 * An Ethernet address.
 *
 * @param value the 48 bits, first octet on the wire most significant
 */
public record MacAddress(long value) {

    public MacAddress {
        if (value >>> 48 != 0) {
            throw new IllegalArgumentException("an Ethernet address has 48 bits, got 0x" + Long.toHexString(value));
        }
    }

    /**
     * Parses six octets in hex, separated by colons.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static MacAddress parse(String text) {
        if (!text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}")) {
            throw new IllegalArgumentException(
                    "an Ethernet address looks like 52:54:00:12:34:56, not '" + text + "'");
        }
        return new MacAddress(HexFormat.fromHexDigitsToLong(text.toLowerCase(Locale.ROOT).replace(":", "")));
    }

    /** Returns octet {@code index}, 0 to 5, in the order on the wire. */
    public byte octet(int index) {
        if (index < 0 || index > 5) {
            throw new IndexOutOfBoundsException("octets run from 0 to 5, not " + index);
        }
        return (byte) (value >>> (40 - 8 * index));
    }

    /** Returns lowercase hex with colons. */
    @Override
    public String toString() {
        byte[] octets = new byte[6];
        for (int i = 0; i < 6; i++) {
            octets[i] = octet(i);
        }
        return HexFormat.ofDelimiter(":").formatHex(octets);
    }
}
