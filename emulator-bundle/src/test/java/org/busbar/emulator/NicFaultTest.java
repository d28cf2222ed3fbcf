package org.busbar.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.busbar.emulator.NicFault.Side;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text form of the faults of NICs. */
class NicFaultTest {

    private static Optional<NicFault> parse(String text) {
        return NicFault.parse(Arrays.asList(text.split(" ", -1)));
    }

    @Test
    void everyKindIsTyped() {
        assertThat(parse("nic length")).contains(new NicFault.WrongLength(Side.RECEIVE, 1, 0xffff));
        assertThat(parse("nic length tx 3 0x10")).contains(new NicFault.WrongLength(Side.TRANSMIT, 3, 16));
        assertThat(parse("nic status rx 2 7")).contains(new NicFault.RandomStatus(Side.RECEIVE, 2, 7));
        assertThat(parse("nic index tx")).contains(new NicFault.WrongIndex(Side.TRANSMIT, 1, 0xffff));
        assertThat(parse("nic ungiven 5")).contains(new NicFault.NeverGiven(Side.RECEIVE, 5));
        assertThat(parse("nic twice")).contains(new NicFault.GivenBackTwice(Side.RECEIVE, 1));
        assertThat(parse("nic many rx 1 256")).contains(new NicFault.TooMany(Side.RECEIVE, 1, 256));
        assertThat(parse("nic garbage tx 1 9")).contains(new NicFault.Garbage(Side.TRANSMIT, 1, 9));
        assertThat(parse("link")).isEmpty();
        assertThat(NicFault.parse(List.of())).isEmpty();
    }

    @Test
    void everyKindIsShown() {
        for (String text : List.of("length", "status", "index", "ungiven", "twice", "many", "garbage")) {
            assertThat(parse("nic " + text).orElseThrow().words()).startsWith("every receive buffer comes back");
        }
        assertThat(parse("nic twice tx 4").orElseThrow().words())
                .isEqualTo("each 4. transmit buffer comes back twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"nic", "nic nonsense", "nic length up", "nic twice rx 1 2", "nic status rx x"})
    void L5_nonsenseIsRefusedWithTheReason(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s).{15,}");
    }
}
