package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.volume.VolumeState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The diagram of docs/hot-swap.md. */
final class VolumeEventTest {

    @ParameterizedTest
    @CsvSource({
        "UP,     LAST_PATH_WENT, HELD,   HELD",
        "HELD,   PATH_CAME,      UP,     UP",
        "HELD,   HOLD_OVER,      FAILED, DROPPED",
        "HELD,   OTHER_CAME,     HELD,   DROPPED",
        "HELD,   LAST_USER_LEFT, HELD,   HELD",
        "FAILED, PATH_CAME,      UP,     UP",
        "FAILED, LAST_USER_LEFT, FAILED, DROPPED",
        "FAILED, OTHER_CAME,     FAILED, DROPPED",
        "FAILED, HOLD_OVER,      FAILED, FAILED",
        "UP,     HOLD_OVER,      UP,     UP",
        "UP,     OTHER_CAME,     UP,     UP",
        "UP,     LAST_USER_LEFT, UP,     UP",
        "UP,     PATH_CAME,      UP,     UP"
    })
    void statesFollowFromEventsAndUseAlone(VolumeState state, VolumeEvent event, VolumeState used, VolumeState unused) {
        assertThat(event.after(state, true)).isEqualTo(used);
        assertThat(event.after(state, false)).isEqualTo(unused);
    }

    @ParameterizedTest
    @EnumSource(VolumeEvent.class)
    void nothingLeadsBackFromDropped(VolumeEvent event) {
        assertThat(event.after(VolumeState.DROPPED, true)).isEqualTo(VolumeState.DROPPED);
        assertThat(event.after(VolumeState.DROPPED, false)).isEqualTo(VolumeState.DROPPED);
    }

    @Test
    void whatIsUsedIsNeverDropped() {
        for (VolumeState state : VolumeState.values()) {
            for (VolumeEvent event : VolumeEvent.values()) {
                if (state != VolumeState.DROPPED) {
                    assertThat(event.after(state, true)).isNotEqualTo(VolumeState.DROPPED);
                }
            }
        }
    }
}
