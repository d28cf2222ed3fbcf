package org.busbar.pci.internal.vfiouser.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * VERSION: what a side speaks, and what it can do. The latter is JSON, of which two numbers are of interest here.
 *
 * @param major has to be the same on both sides
 * @param minor the lesser of both counts
 * @param maxDescriptors how many descriptors the sender takes with one message, at least 1
 * @param maxTransfer how many bytes the sender takes in one read or write
 */
public record Version(int major, int minor, int maxDescriptors, int maxTransfer) {

    /** The version that is spoken here. */
    public static final int MAJOR = 0;

    public static final int MINOR = 1;

    /** What a side takes that does not say it. */
    static final int DEFAULT_DESCRIPTORS = 1;

    static final int DEFAULT_TRANSFER = 1 << 20;

    private static final int NUMBERS = 4;
    private static final Pattern DESCRIPTORS = Pattern.compile("\"max_msg_fds\"\\s*:\\s*(\\d{1,9})");
    private static final Pattern TRANSFER = Pattern.compile("\"max_data_xfer_size\"\\s*:\\s*(\\d{1,9})");

    public static Version decode(ByteBuffer bytes) throws MalformedMessageException {
        Form.require("VERSION", bytes, NUMBERS);
        int major = Short.toUnsignedInt(bytes.getShort());
        int minor = Short.toUnsignedInt(bytes.getShort());
        byte[] text = new byte[bytes.remaining()];
        bytes.get(text);
        if (text.length > 0 && text[text.length - 1] != 0) {
            throw new MalformedMessageException("the capabilities in VERSION do not end with a NUL");
        }
        String json = new String(text, StandardCharsets.UTF_8);
        return new Version(major, minor, number(DESCRIPTORS, json, DEFAULT_DESCRIPTORS),
                number(TRANSFER, json, DEFAULT_TRANSFER));
    }

    private static int number(Pattern pattern, String json, int otherwise) throws MalformedMessageException {
        Matcher matcher = pattern.matcher(json);
        if (!matcher.find()) {
            return otherwise;
        }
        int value = Integer.parseInt(matcher.group(1));
        if (value < 1) {
            throw new MalformedMessageException("VERSION says " + matcher.group());
        }
        return value;
    }

    public ByteBuffer encode() {
        byte[] json = "{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%d}}\0"
                .formatted(maxDescriptors, maxTransfer)
                .getBytes(StandardCharsets.UTF_8);
        return Form.buffer(NUMBERS + json.length)
                .putShort((short) major)
                .putShort((short) minor)
                .put(json)
                .flip();
    }
}
