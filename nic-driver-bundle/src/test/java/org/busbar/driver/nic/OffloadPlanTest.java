package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Arithmetic of the sums that the driver prepares for the controller. */
final class OffloadPlanTest {

    /** What is added to the difference again gives the sum that was there, as far as sums in one's complement differ. */
    @Property
    void aLengthIsTakenOutOfASumAndTheControllerAddsIt(
            @ForAll @IntRange(max = 0xffff) int sum, @ForAll @IntRange(max = 0x1_0011) int length) {
        int without = Offload.without(sum, length);
        assertThat(without).isBetween(0, 0xffff);
        assertThat(fold(without + length) % 0xffff).isEqualTo(sum % 0xffff);
    }

    /** A legacy word and an extended one that say the same are read alike. */
    @Property
    void bothLayoutsSayTheSame(
            @ForAll @IntRange(max = 0xff) int status,
            @ForAll @IntRange(max = 0xff) int errors,
            @ForAll @IntRange(max = 0xffff) int length,
            @ForAll @IntRange(max = 0xffff) int tag) {
        long legacy = length | (long) status << 32 | (long) errors << 40 | (long) tag << 48;
        long extended = status | (long) errors << 24 | (long) length << 32 | (long) tag << 48;
        ReceiveLayout one = ReceiveLayout.LEGACY;
        ReceiveLayout other = ReceiveLayout.EXTENDED;
        assertThat(one.done(legacy)).isEqualTo(other.done(extended)).isEqualTo((status & 1) != 0);
        assertThat(one.last(legacy)).isEqualTo(other.last(extended)).isEqualTo((status & 2) != 0);
        assertThat(one.length(legacy)).isEqualTo(other.length(extended)).isEqualTo(length);
        assertThat(one.tag(legacy)).isEqualTo(other.tag(extended)).isEqualTo(tag);
        assertThat(one.tagged(legacy)).isEqualTo(other.tagged(extended)).isEqualTo((status & 8) != 0);
        assertThat(one.damaged(legacy)).isEqualTo(other.damaged(extended)).isEqualTo((errors & 0x97) != 0);
        assertThat(one.ipVerified(legacy)).isEqualTo(other.ipVerified(extended));
        if ((status & 0x10) == 0) {
            assertThat(one.transportVerified(legacy)).isEqualTo(other.transportVerified(extended));
        }
    }

    private static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return folded;
    }
}
