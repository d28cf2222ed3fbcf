package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.emulator.Card;
import org.junit.jupiter.api.Test;

/** Configuration of the rack. */
class RackLayoutTest {

    @Test
    void configurationGoesBeforeTheFallback() {
        RackLayout layout = RackLayout.of(8, new String[] {"1=nvme:size=1M"}, "2=nic;3=nic");
        assertThat(layout.cards()).containsOnlyKeys(1);
        assertThat(RackLayout.of(8, new String[0], "2=nic; 3=nvme:size=1M,block=512;").cards())
                .containsOnlyKeys(2, 3);
        assertThat(RackLayout.of(8, new String[] {" "}, null).cards()).isEmpty();
    }

    @Test
    void L5_aWrongEntryTakesNothingElseAway() {
        RackLayout layout = RackLayout.of(
                4, new String[] {"1=nvme:size=1M", "1=nic", "9=nic", "x=nic", "nic", "2=gpu", "3=nic"}, null);
        assertThat(layout.cards()).containsOnlyKeys(1, 3);
        assertThat(layout.cards().get(1)).isInstanceOf(Card.Nvme.class);
        assertThat(layout.problems()).hasSize(5).allSatisfy(problem -> assertThat(problem).contains("left out"));
        assertThat(RackLayout.of(0, new String[0], null).slots()).isEqualTo(8);
        assertThat(RackLayout.of(300, new String[0], null).problems()).hasSize(1);
    }
}
