package org.busbar.shell.internal.words;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

    @ParameterizedTest
    @CsvSource({"512,512", "4k,4096", "4K,4096", "4KiB,4096", "4kb,4096", "1.5M,1572864", "2g,2147483648", "0,0"})
    void sizesHaveBinaryUnits(String text, long bytes) {
        assertThat(Quantities.bytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "4x", "4kk", "-4k", "4 k b", "1e3", "99999999999999999p", "4..5k"})
    void whatIsNoSizeIsSaidToBeNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantities.bytes(text)).withMessageContaining(text);
    }

    @ParameterizedTest
    @CsvSource({"10,10000", "10s,10000", "250ms,250", "5000us,5", "2m,120000", "1.5s,1500", "1h,3600000"})
    void timesAreSecondsUnlessTheySay(String text, long millis) {
        assertThat(Quantities.duration(text)).isEqualTo(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5d", "-1s", "10ns"})
    void whatIsNoTimeIsSaidToBeNone(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Quantities.duration(text)).withMessageContaining(text);
    }

    @Property
    void aPlainNumberIsItself(@ForAll @LongRange(min = 0, max = 999_999_999_999_999_999L) long bytes) {
        assertThat(Quantities.bytes(Long.toString(bytes))).isEqualTo(bytes);
    }
}
