package org.busbar.emulator.internal.nic;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.busbar.net.MacAddress;

/** Ethernet frames with IP, TCP and UDP, put together and checked without the code under test. */
public final class Frames {

    public static final String ADDRESS_4 = "192.0.2.1";
    public static final String OTHER_4 = "192.0.2.2";
    public static final String ADDRESS_6 = "2001:db8::1";
    public static final String OTHER_6 = "2001:db8::2";

    private Frames() {}

    /** A frame for {@link Bench#MAC}; every checksum in it is right. */
    public static byte[] ip(String source, String destination, boolean tcp, int from, int to, byte[] payload) {
        byte[] frame = unfinished(source, destination, tcp, from, to, payload);
        int network = 14;
        boolean ipv6 = source.indexOf(':') >= 0;
        int transport = network + (ipv6 ? 40 : 20);
        if (!ipv6) {
            put(frame, network + 10, ~sum(frame, network, transport, 0));
        }
        int value = ~transportSum(frame, transport, ipv6);
        put(frame, transport + (tcp ? 16 : 6), (value & 0xffff) == 0 ? 0xffff : value);
        return frame;
    }

    /** The same with no checksum filled in. */
    public static byte[] unfinished(String source, String destination, boolean tcp, int from, int to, byte[] payload) {
        boolean ipv6 = source.indexOf(':') >= 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < 6; i++) {
            out.write(Bench.MAC.octet(i));
        }
        MacAddress sender = MacAddress.parse("02:00:00:00:00:09");
        for (int i = 0; i < 6; i++) {
            out.write(sender.octet(i));
        }
        short16(out, ipv6 ? 0x86dd : 0x0800);
        int bytes = (tcp ? 20 : 8) + payload.length;
        if (ipv6) {
            short16(out, 0x6000);
            short16(out, 0);
            short16(out, bytes);
            out.write(tcp ? 6 : 17);
            out.write(64);
        } else {
            short16(out, 0x4500);
            short16(out, 20 + bytes);
            short16(out, 0x1234);
            short16(out, 0);
            out.write(64);
            out.write(tcp ? 6 : 17);
            short16(out, 0);
        }
        out.writeBytes(address(source));
        out.writeBytes(address(destination));
        short16(out, from);
        short16(out, to);
        if (tcp) {
            short16(out, 0x0102);
            short16(out, 0x0304);
            short16(out, 0);
            short16(out, 0);
            short16(out, 0x5019);
            short16(out, 0x1000);
            short16(out, 0);
            short16(out, 0);
        } else {
            short16(out, bytes);
            short16(out, 0);
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }

    /** Whether all that has a checksum in a frame without tag adds up. */
    public static boolean isRight(byte[] frame) {
        boolean ipv6 = get(frame, 12) == 0x86dd;
        int transport = 14 + (ipv6 ? 40 : 20);
        boolean header = ipv6 || sum(frame, 14, transport, 0) == 0xffff;
        return header && transportSum(frame, transport, ipv6) == 0xffff;
    }

    /** A TCP segment with the ACK flag, and PSH if it is the last one. */
    public static byte[] segment(boolean ipv6, int sequence, boolean last, byte[] payload) {
        byte[] frame = unfinished(
                ipv6 ? OTHER_6 : OTHER_4, ipv6 ? ADDRESS_6 : ADDRESS_4, true, 1000, 2000, payload);
        int transport = 14 + (ipv6 ? 40 : 20);
        put(frame, transport + 4, sequence >>> 16);
        put(frame, transport + 6, sequence);
        frame[transport + 13] = (byte) (last ? 0x18 : 0x10);
        if (!ipv6) {
            put(frame, 24, ~sum(frame, 14, transport, 0));
        }
        put(frame, transport + 16, ~transportSum(frame, transport, ipv6));
        return frame;
    }

    /** Whether a TCP packet adds up once the checksum, which holds the sum of the pseudo header, is completed. */
    public static boolean sumsUpAfterCompletion(byte[] begun) {
        byte[] frame = begun.clone();
        int transport = 14 + (get(frame, 12) == 0x86dd ? 40 : 20);
        put(frame, transport + 16, ~sum(frame, transport, frame.length, 0));
        return isRight(frame);
    }

    /** The sum of the pseudo header alone, with or without its length. */
    public static int pseudo(byte[] frame, boolean ipv6, int length) {
        int addresses = sum(frame, ipv6 ? 22 : 26, ipv6 ? 54 : 34, 0);
        return fold((long) addresses + (frame[ipv6 ? 20 : 23] & 0xff) + length);
    }

    private static int transportSum(byte[] frame, int transport, boolean ipv6) {
        int end = ipv6 ? 54 + get(frame, 18) : 14 + get(frame, 16);
        return sum(frame, transport, end, pseudo(frame, ipv6, end - transport));
    }

    public static byte[] tagged(byte[] frame, int tag) {
        return ByteBuffer.allocate(frame.length + 4)
                .put(frame, 0, 12)
                .putShort((short) 0x8100)
                .putShort((short) tag)
                .put(frame, 12, frame.length - 12)
                .array();
    }

    public static int get(byte[] frame, int at) {
        return (frame[at] & 0xff) << 8 | (frame[at + 1] & 0xff);
    }

    public static void put(byte[] frame, int at, int value) {
        frame[at] = (byte) (value >>> 8);
        frame[at + 1] = (byte) value;
    }

    public static byte[] payload(int length) {
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (i * 31 + (i >>> 8));
        }
        return payload;
    }

    private static byte[] address(String text) {
        try {
            return InetAddress.getByName(text).getAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static void short16(ByteArrayOutputStream out, int value) {
        out.write(value >>> 8);
        out.write(value);
    }

    private static int sum(byte[] data, int from, int to, int begun) {
        long sum = begun;
        for (int i = from; i < to; i++) {
            sum += (i - from) % 2 == 0 ? (data[i] & 0xff) << 8 : data[i] & 0xff;
        }
        return fold(sum);
    }

    private static int fold(long sum) {
        long folded = sum;
        while (folded > 0xffff) {
            folded = (folded & 0xffff) + (folded >> 16);
        }
        return (int) folded;
    }
}
