package org.busbar.emulator.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hash, against the vectors that are published for verifying it ("Verifying the RSS hash calculation", NDIS). */
class ToeplitzTest {

    private static final byte[] KEY = HexFormat.of()
            .parseHex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");

    @ParameterizedTest
    @CsvSource({
        "161.142.100.80, 1766, 66.9.149.187, 2794, 323e8fc2, 51ccc178",
        "65.69.140.83, 4739, 199.92.111.2, 14230, d718262a, c626b0ea",
        "12.22.207.184, 38024, 24.19.198.95, 12898, d2d0a5de, 5c2b394a",
        "209.142.163.6, 2217, 38.27.205.30, 48228, 82989176, afc7327f",
        "202.188.127.2, 1303, 153.39.163.191, 44251, 5d1809c5, 10e828a2",
        "3ffe:2501:200:3::1, 1766, 3ffe:2501:200:1fff::7, 2794, 2cc18cd5, 40207d3d",
        "ff02::1, 4739, 3ffe:501:8::260:97ff:fe40:efab, 14230, 0f0c461c, dde51bbf",
        "fe80::200:f8ff:fe21:67cf, 38024, 3ffe:1900:4545:3:200:f8ff:fe21:67cf, 44251, 4b61e985, 02d1feef"
    })
    void publishedVectors(String destination, int to, String source, int from, String addresses, String tcp)
            throws UnknownHostException {
        byte[] frame = frame(source, destination, from, to);
        PacketHeaders headers = new PacketHeaders();
        headers.parse(MemorySegment.ofArray(frame), frame.length);
        assertThat(headers.isTcp()).isTrue();
        Toeplitz toeplitz = new Toeplitz();
        toeplitz.key(KEY);
        assertThat(HexFormat.of().toHexDigits(toeplitz.hash(MemorySegment.ofArray(frame), headers, false)))
                .isEqualTo(addresses);
        assertThat(HexFormat.of().toHexDigits(toeplitz.hash(MemorySegment.ofArray(frame), headers, true)))
                .isEqualTo(tcp);
    }

    /** The definition, bit by bit, with one big number. */
    @Property(tries = 500)
    void theDefinition(@ForAll @Size(40) byte[] key, @ForAll @Size(12) byte[] input) throws UnknownHostException {
        byte[] frame = frame("1.1.1.1", "2.2.2.2", 0, 0);
        System.arraycopy(input, 0, frame, 26, 12);
        PacketHeaders headers = new PacketHeaders();
        headers.parse(MemorySegment.ofArray(frame), frame.length);
        BigInteger bits = new BigInteger(1, key);
        int expected = 0;
        for (int bit = 0; bit < 96; bit++) {
            if ((input[bit / 8] >>> 7 - bit % 8 & 1) != 0) {
                expected ^= bits.shiftRight(320 - 32 - bit).intValue();
            }
        }
        Toeplitz toeplitz = new Toeplitz();
        toeplitz.key(key);
        assertThat(toeplitz.hash(MemorySegment.ofArray(frame), headers, true)).isEqualTo(expected);
    }

    private static byte[] frame(String source, String destination, int from, int to) throws UnknownHostException {
        byte[] src = InetAddress.getByName(source).getAddress();
        byte[] dst = InetAddress.getByName(destination).getAddress();
        boolean ipv6 = src.length == 16;
        ByteBuffer frame = ByteBuffer.allocate(14 + (ipv6 ? 40 : 20) + 20);
        frame.putShort(12, (short) (ipv6 ? 0x86dd : 0x0800)).position(14);
        if (ipv6) {
            frame.putInt(0x6000_0000).putShort((short) 20).put((byte) 6).put((byte) 64);
        } else {
            frame.putShort((short) 0x4500)
                    .putShort((short) 40)
                    .putInt(0)
                    .put((byte) 64)
                    .put((byte) 6)
                    .putShort((short) 0);
        }
        frame.put(src).put(dst).putShort((short) from).putShort((short) to);
        return frame.array();
    }
}
