package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {

    @ParameterizedTest
    @CsvSource({"PT0.25S,250 ms", "PT45S,45 s", "PT119S,119 s", "PT5M,5 min", "PT3H,3 h", "PT-1S,0 ms"})
    void durationsInTheirLargestUnit(Duration duration, String text) {
        assertThat(Times.duration(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"512,512 B", "4096,4 KiB", "67108864,64 MiB", "1610612736,1.5 GiB"})
    void bytesWithABinaryUnit(long bytes, String text) {
        assertThat(Times.bytes(bytes)).isEqualTo(text);
    }
}
