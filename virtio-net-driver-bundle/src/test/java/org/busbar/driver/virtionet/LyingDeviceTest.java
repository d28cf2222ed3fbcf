package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.busbar.emulator.NicFault;
import org.busbar.testkit.net.HostileCard;
import org.busbar.testkit.net.RandomLie;

/** Devices whose model lies in its virtqueues while frames pass. */
final class LyingDeviceTest {

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void L5_whateverADeviceClaimsNothingIsLostAndFramesPassInTheEnd(@ForAll long seed, @ForAll boolean packed)
            throws Exception {
        NicFault lie = RandomLie.of(seed);
        HostileCard.lie(StormTest.virtio(packed), lie)
                .ifPresent(report -> assertThat(report).as("%s", lie).matches(HostileCard.REPORT));
    }
}
