package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.itest.felix.control.Traffic;
import org.busbar.itest.felix.driver.Straggling;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.weaving.WeavingHook;

/**
 * When a driver bundle's stop, update or uninstallation has returned, none of its code runs any more. Proved with the real
 * NVMe driver under I/O: every method and every branch of its classes is watched, whichever thread comes by.
 */
public class GoodbyeIT extends OnRack {

    private static final int ROUNDS = 8;
    private static final String NVME = "nvme-driver-bundle";

    private ServiceRegistration<WeavingHook> weaving;
    private TrafficWeaver weaver;

    @Before
    public void watch() {
        Traffic.reset();
        watch("org.busbar.driver.nvme");
    }

    /** Returns the driver's own bundle, which can see in addition what watches over it. */
    private static BundleJar watchable() {
        return BundleJar.copyOf(Felix.jar(NVME)).alsoImports(Felix.importControl());
    }

    private void watch(String symbolicName) {
        if (weaving != null) {
            weaving.unregister();
        }
        weaver = new TrafficWeaver(symbolicName);
        weaving = rig.context().registerService(WeavingHook.class, weaver, null);
    }

    @After
    public void unwatch() {
        weaving.unregister();
    }

    @Test
    public void L7_noCodeRunsAfterStop() throws Exception {
        Bundle nvme = rig.install(NVME, watchable().open());
        rig.insert(1, 2);
        for (int round = 0; round < ROUNDS; round++) {
            nvme.start();
            underLoad(nvme, nvme::stop);
        }
        assertThat(Traffic.violations()).isEmpty();
    }

    @Test
    public void L7_noOldCodeRunsAfterUpdate() throws Exception {
        Bundle nvme = rig.install(NVME, watchable().open());
        nvme.start();
        rig.insert(1, 2);
        for (int round = 0; round < ROUNDS; round++) {
            String version = "0.2." + round;
            underLoad(
                    nvme,
                    () -> nvme.update(watchable().version(version).open()));
        }
        assertThat(Traffic.violations()).isEmpty();
    }

    @Test
    public void L7_noCodeRunsAfterUninstallation() throws Exception {
        rig.insert(1, 2);
        for (int round = 0; round < ROUNDS; round++) {
            Bundle nvme = rig.install(NVME, watchable().open());
            nvme.start();
            underLoad(nvme, nvme::uninstall);
        }
        assertThat(Traffic.violations()).isEmpty();
    }

    @Test
    public void L7_noCodeRunsAfterStopInTheMiddleOfProbes() throws Exception {
        Bundle nvme = rig.install(NVME, watchable().open());
        rig.insert(1, 2, 3, 4);
        for (int round = 0; round < 2 * ROUNDS; round++) {
            nvme.start();
            int revision = weaver.revision(nvme);
            long goal = Traffic.passes(revision) + 40L * round;
            Eventually.await("the probes to be under way", () -> Traffic.passes(revision) >= goal);
            nvme.stop();
            Traffic.close(revision);
            rig.refresh(nvme);
        }
        assertThat(rig.iommuFaults()).as("accesses of cards to what had been taken from them").isEmpty();
        assertThat(Traffic.violations()).isEmpty();
    }

    /** The proof is worth something only if it notices. */
    @Test
    public void L7_codeThatDoesRunAfterStopIsCaught() throws Exception {
        DriverBundle straggling = DriverBundle.of("straggling", DriverBundle.SSD, Straggling.class);
        watch(straggling.symbolicName());
        rig.insert(1);
        Bundle bundle = rig.start(straggling);
        rig.awaitBound(1, "straggling");
        int revision = weaver.revision(bundle);
        bundle.stop();
        Traffic.close(revision);
        Eventually.await("the straggler to be caught", () -> !Traffic.violations().isEmpty());
    }

    private interface Farewell {
        void go() throws Exception;
    }

    private void underLoad(Bundle nvme, Farewell farewell) throws Exception {
        Workload one = Workload.on(rig.blockDevice(1));
        QueueLoad two = QueueLoad.on(rig.blockDevice(2), 16);
        int revision = weaver.revision(nvme);
        assertThat(Traffic.passes(revision)).as("passes of watched code").isPositive();
        farewell.go();
        Traffic.close(revision);
        one.awaitGone();
        two.awaitGone();
        assertThat(rig.iommuFaults()).as("accesses of cards to what had been taken from them").isEmpty();
        if (nvme.getState() != Bundle.UNINSTALLED) {
            rig.refresh(nvme);
        } else {
            rig.refresh();
        }
    }

}
