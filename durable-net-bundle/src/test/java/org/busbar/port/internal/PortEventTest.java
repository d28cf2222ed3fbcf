package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.port.PortState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PortEventTest {

    @ParameterizedTest
    @CsvSource({
        "UP, CARD_READY, UP, UP",
        "UP, CARD_WENT, HELD, HELD",
        "UP, HOLD_OVER, UP, UP",
        "UP, LAST_USER_LEFT, UP, UP",
        "HELD, CARD_READY, UP, UP",
        "HELD, CARD_WENT, HELD, HELD",
        "HELD, HOLD_OVER, ABSENT, DROPPED",
        "HELD, LAST_USER_LEFT, HELD, HELD",
        "ABSENT, CARD_READY, UP, UP",
        "ABSENT, CARD_WENT, ABSENT, ABSENT",
        "ABSENT, HOLD_OVER, ABSENT, ABSENT",
        "ABSENT, LAST_USER_LEFT, ABSENT, DROPPED",
        "DROPPED, CARD_READY, DROPPED, DROPPED",
        "DROPPED, CARD_WENT, DROPPED, DROPPED",
        "DROPPED, HOLD_OVER, DROPPED, DROPPED",
        "DROPPED, LAST_USER_LEFT, DROPPED, DROPPED"
    })
    void whatBecomesOfAPort(PortState before, PortEvent event, PortState used, PortState unused) {
        assertThat(event.after(before, true)).isEqualTo(used);
        assertThat(event.after(before, false)).isEqualTo(unused);
    }
}
