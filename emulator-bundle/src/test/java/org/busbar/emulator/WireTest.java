package org.busbar.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text form of wires. */
class WireTest {

    @Test
    void everyPropertyCounts() {
        assertThat(Wire.parse("loss=1% dup=0.5%, reorder=25% corrupt=0.001 delay=2ms jitter=500us seed=0x10"))
                .isEqualTo(new Wire(
                        true, 0.01, 0.005, 0.25, 0.001, Duration.ofMillis(2), Duration.ofNanos(500_000), 16));
        assertThat(Wire.parse("perfect")).isEqualTo(Wire.PERFECT);
        assertThat(Wire.parse("down").up()).isFalse();
        assertThat(Wire.PERFECT).hasToString("perfect");
        assertThat(Wire.parse("down delay=1s loss=2%")).hasToString("down loss=0.02 delay=1s");
    }

    @Property
    void whatIsShownIsWhatIsParsed(
            @ForAll boolean up,
            @ForAll @IntRange(max = 1_000_000) int loss,
            @ForAll @IntRange(max = 1000) int corruption,
            @ForAll @IntRange(max = 1_000_000_000) int delay,
            @ForAll long seed) {
        Wire wire = new Wire(
                up, loss / 1e6, 0, 1, corruption / 1e3, Duration.ofNanos(delay), Duration.ofMillis(delay % 1000), seed);
        assertThat(Wire.parse(wire.toString())).isEqualTo(wire);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "loss", "loss=", "loss=101%", "loss=2", "loss=-1%", "delay=5", "delay=61s", "delay=1m", "seed=x",
        "speed=1G",
        "loss=1% loss=2%", "down=1", "jitter=-1ms", "gone"
    })
    void L5_nonsenseIsRefusedWithTheReason(String text) {
        assertThatThrownBy(() -> Wire.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{15,}");
    }
}
