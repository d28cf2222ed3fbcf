package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Hashtable;
import java.util.Map;
import org.busbar.itest.felix.control.Ledger;
import org.busbar.itest.felix.driver.Deferring;
import org.junit.Test;
import org.osgi.framework.ServiceRegistration;

/** A probe that has to wait for something says so, and succeeds when it is there. */
public class DeferredProbeIT extends OnRack {

    @Test
    public void L4_deferredProbeBindsWhenTheServiceAppearsThatItWaitsFor() throws Exception {
        rig.policy("retryDelay", 60_000, "maxRetryDelay", 60_000);
        rig.start(DriverBundle.of("deferring", DriverBundle.SSD, Deferring.class));
        rig.insert(1);
        rig.awaitState(1, "DEFERRED");
        assertThat(rig.device(1).orElseThrow().reason).contains("its firmware");
        ServiceRegistration<Runnable> other = register("red");
        rig.settle();
        assertThat(rig.state(1)).isEqualTo("DEFERRED");
        assertThat(Ledger.of("deferring").count("probe")).as("probes, although the wrong service came").isEqualTo(1);
        ServiceRegistration<Runnable> firmware = register("blue");
        rig.awaitBound(1, "deferring");
        assertThat(Ledger.of("deferring").count("probe")).isEqualTo(2);
        firmware.unregister();
        other.unregister();
        rig.settle();
        assertThat(rig.driver(1)).as("the driver, although the service has left again").isEqualTo("deferring");
    }

    private ServiceRegistration<Runnable> register(String firmware) {
        return rig.context().registerService(Runnable.class, () -> {}, new Hashtable<>(Map.of("firmware", firmware)));
    }
}
