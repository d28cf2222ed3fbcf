package org.busbar.emulator.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** What is found in frames, and that nothing is looked for outside them. */
class PacketHeadersTest {

    private final PacketHeaders headers = new PacketHeaders();

    @Property(tries = 2000)
    void L5_whateverAFrameClaimsNothingOutsideItIsLookedAt(
            @ForAll @Size(min = 0, max = 200) byte[] content,
            @ForAll @IntRange(max = 5) int type,
            @ForAll boolean tagged) {
        byte[] frame = content.clone();
        int[] types = {0x0800, 0x86dd, 0x8100, 0x0806, 0x0800, 0x86dd};
        int at = tagged ? 16 : 12;
        if (frame.length > at + 2) {
            frame[12] = (byte) 0x81;
            frame[13] = 0;
            frame[at] = (byte) (types[type] >>> 8);
            frame[at + 1] = (byte) types[type];
            frame[at + 2] = (byte) (types[type] == 0x86dd ? 0x60 : 0x45);
        }
        MemorySegment segment = MemorySegment.ofArray(frame);
        headers.parse(segment, frame.length);
        if (headers.isIpv4() || headers.isIpv6()) {
            assertThat(headers.end()).isLessThanOrEqualTo(frame.length);
            InternetChecksum.verified(segment, headers);
            new Toeplitz().hash(segment, headers, headers.hasPorts());
        }
        if (headers.hasPorts()) {
            assertThat(headers.transport() + 8).isLessThanOrEqualTo(headers.end());
        }
    }

    @Test
    void extensionHeadersAreWalkedOver() {
        byte[] frame = new byte[14 + 40 + 16 + 8];
        frame[12] = (byte) 0x86;
        frame[13] = (byte) 0xdd;
        frame[14] = 0x60;
        frame[19] = 24;
        frame[20] = 0;
        // Hop-by-hop options of 16 bytes, then UDP.
        frame[54] = 17;
        frame[55] = 1;
        headers.parse(MemorySegment.ofArray(frame), frame.length);
        assertThat(headers.isUdp()).isTrue();
        assertThat(headers.transport()).isEqualTo(70);
        assertThat(headers.networkLength()).isEqualTo(56);
    }

    @Test
    void aFragmentHasNoPortsAndATagIsPassedOver() {
        byte[] frame = new byte[18 + 20 + 8];
        frame[12] = (byte) 0x81;
        frame[16] = 0x08;
        frame[18] = 0x45;
        frame[21] = 28;
        frame[27] = 17;
        headers.parse(MemorySegment.ofArray(frame), frame.length);
        assertThat(headers.network()).isEqualTo(18);
        assertThat(headers.isUdp()).isTrue();
        byte[] fragment = Arrays.copyOf(frame, frame.length);
        fragment[24] = 0x20;
        headers.parse(MemorySegment.ofArray(fragment), fragment.length);
        assertThat(headers.isFragment()).isTrue();
        assertThat(headers.hasPorts()).isFalse();
    }
}
