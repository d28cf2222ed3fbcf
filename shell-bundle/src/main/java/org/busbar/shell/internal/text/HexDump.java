package org.busbar.shell.internal.text;

import java.util.Arrays;
import java.util.HexFormat;

/** Bytes in hex and as text, sixteen to a line; lines that repeat the one above are one asterisk. */
public final class HexDump {

    private static final int LINE = 16;
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ");

    private HexDump() {}

    /**
     * Returns the dump.
     *
     * @param bytes what to show
     * @param offset what to call the first byte
     */
    public static String of(byte[] bytes, long offset) {
        StringBuilder text = new StringBuilder();
        boolean starred = false;
        for (int at = 0; at < bytes.length; at += LINE) {
            if (at > 0 && Arrays.equals(bytes, at - LINE, at, bytes, at, Math.min(at + LINE, bytes.length))) {
                if (!starred) {
                    text.append("*\n");
                }
                starred = true;
                continue;
            }
            starred = false;
            line(text, bytes, at, offset);
        }
        return text.append("%010x".formatted(offset + bytes.length)).toString();
    }

    private static void line(StringBuilder text, byte[] bytes, int at, long offset) {
        int end = Math.min(at + LINE, bytes.length);
        String hex = HEX.formatHex(bytes, at, end);
        text.append("%010x  %-48s |".formatted(offset + at, hex));
        for (int i = at; i < end; i++) {
            text.append(bytes[i] >= 0x20 && bytes[i] < 0x7f ? (char) bytes[i] : '.');
        }
        text.append("|\n");
    }
}
