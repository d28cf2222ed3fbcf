package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.NicFault;
import org.busbar.testkit.net.HostileCard;
import org.busbar.testkit.net.RandomLie;

/** Controllers whose model lies about descriptors while frames pass. */
final class LyingCardTest {

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void L5_whateverAControllerClaimsNothingIsLostAndFramesPassInTheEnd(@ForAll long seed, @ForAll NicChip chip)
            throws Exception {
        NicFault lie = RandomLie.of(seed);
        HostileCard.lie(StormTest.kind(chip), lie)
                .ifPresent(report -> assertThat(report).as("%s", lie).matches(HostileCard.REPORT));
    }
}
