package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.TestDriver;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** A driver that is updated gets its devices back; one that just leaves does not keep them. */
public class UpdateGraceIT extends OnRack {

    private static final DriverBundle GOOD =
            DriverBundle.of("good", DriverBundle.SSD, TestDriver.class).ranking(10);
    private static final DriverBundle SPARE = DriverBundle.of("spare", DriverBundle.SSD, TestDriver.class);

    @Test
    public void L4_updatedDriverGetsItsDevicesBackBeforeALesserOneIsTried() throws Exception {
        rig.policy("updateGrace", 10_000);
        Bundle good = rig.start(GOOD);
        rig.start(SPARE);
        rig.insert(1, 2);
        rig.awaitBound(1, "good");
        rig.awaitBound(2, "good");
        for (int version = 2; version <= 6; version++) {
            String now = version + ".0.0";
            good.update(GOOD.version(now).open());
            rig.awaitBound(1, "good");
            rig.awaitBound(2, "good");
            assertThat(Ledger.of("good").entries()).contains("probe e000:01:00.0 v" + now,
                    "probe e000:02:00.0 v" + now);
        }
        assertThat(Ledger.of("spare").entries()).isEmpty();
    }

    @Test
    public void L4_driverThatOnlyStopsHandsOverAfterTheGrace() throws Exception {
        rig.policy("updateGrace", 300);
        Bundle good = rig.start(GOOD);
        rig.start(SPARE);
        rig.insert(1);
        rig.awaitBound(1, "good");
        long start = System.nanoTime();
        good.stop();
        assertThat(rig.state(1)).isIn("UPDATE_GRACE", "PROBING", "BOUND");
        rig.awaitBound(1, "spare");
        assertThat(System.nanoTime() - start).as("nanoseconds until the spare driver has it")
                .isGreaterThan(250_000_000L);
        assertThat(Ledger.of("spare").entries()).containsExactly("probe e000:01:00.0 v1.0.0");
    }

    @Test
    public void L4_driverWhoseUpdateCannotStartHandsOverAfterTheGrace() throws Exception {
        rig.policy("updateGrace", 300);
        Bundle good = rig.start(GOOD);
        rig.start(SPARE);
        rig.insert(1);
        rig.awaitBound(1, "good");
        InputStream broken = BundleJar.named(GOOD.symbolicName()).version("2.0.0").imports("no.such.api").open();
        assertThatThrownBy(() -> good.update(broken)).isInstanceOf(BundleException.class);
        rig.awaitBound(1, "spare");
        good.update(GOOD.version("3.0.0").open());
        good.start();
        rig.awaitBound(1, "good");
    }
}
