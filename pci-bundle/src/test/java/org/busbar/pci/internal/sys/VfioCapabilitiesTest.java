package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.busbar.pci.internal.sys.VfioCapabilities.Pair;
import org.junit.jupiter.api.Test;

class VfioCapabilitiesTest {

    @Test
    void findsCapabilitiesOfAChain() {
        MemorySegment info = MemorySegment.ofArray(new byte[32 + 8 + 16 + 32]);
        capability(info, 32, 3, 40);
        capability(info, 40, 1, 0);
        info.set(JAVA_INT_UNALIGNED, 48, 2);
        info.set(JAVA_LONG_UNALIGNED, 56, 0x1000);
        info.set(JAVA_LONG_UNALIGNED, 64, 0x2000);
        info.set(JAVA_LONG_UNALIGNED, 72, 0x8000);
        info.set(JAVA_LONG_UNALIGNED, 80, 0x1000);

        VfioCapabilities capabilities = new VfioCapabilities(info, 32);

        assertThat(capabilities.has(3)).isTrue();
        assertThat(capabilities.has(2)).isFalse();
        assertThat(capabilities.number(1)).contains(2);
        assertThat(capabilities.pairs(1)).containsExactly(new Pair(0x1000, 0x2000), new Pair(0x8000, 0x1000));
        assertThat(capabilities.pairs(2)).isEmpty();
    }

    @Test
    void offsetZeroIsAnEmptyChain() {
        assertThat(new VfioCapabilities(MemorySegment.ofArray(new byte[64]), 0).has(0)).isFalse();
    }

    @Test
    void circleEnds() {
        MemorySegment info = MemorySegment.ofArray(new byte[64]);
        capability(info, 32, 1, 40);
        capability(info, 40, 2, 32);

        VfioCapabilities capabilities = new VfioCapabilities(info, 32);

        assertThat(capabilities.has(2)).isTrue();
        assertThat(capabilities.has(7)).isFalse();
    }

    @Property
    void garbageNeverReadsOutside(
            @ForAll @Size(min = 1, max = 200) byte[] bytes, @ForAll int first, @ForAll @IntRange(max = 4) int id) {
        assertHarmless(new VfioCapabilities(MemorySegment.ofArray(bytes), first), bytes.length, id);
    }

    @Property
    void garbageWithPlausibleOffsetsNeverReadsOutside(
            @ForAll @Size(min = 16, max = 64) byte[] bytes,
            @ForAll @IntRange(max = 64) int first,
            @ForAll @IntRange(max = 3) int id) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 4 == 0 ? bytes[i] & 0x3f : 0);
        }
        assertHarmless(new VfioCapabilities(MemorySegment.ofArray(bytes), first), bytes.length, id);
    }

    private static void assertHarmless(VfioCapabilities capabilities, int length, int id) {
        assertThat(capabilities.pairs(id)).hasSizeLessThanOrEqualTo(length / VfioAbi.CAP_PAIR_SIZE);
        if (capabilities.number(id).isPresent()) {
            assertThat(capabilities.has(id)).isTrue();
        }
    }

    private static void capability(MemorySegment info, long at, int id, int next) {
        info.set(JAVA_SHORT_UNALIGNED, at, (short) id);
        info.set(JAVA_INT_UNALIGNED, at + VfioAbi.CAP_NEXT, next);
    }
}
