package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.busbar.device.dto.CandidateDTO;
import org.busbar.device.dto.FailureDTO;
import org.busbar.itest.felix.driver.Faulty;
import org.busbar.itest.felix.driver.Faulty.Defect;
import org.busbar.volume.Volume;
import org.junit.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Applications that use a volume see a pause where its driver crashes or hangs: four threads of verified reads and writes of
 * 4 KiB, eight at a time each. More rounds by hand: {@code -Dbusbar.failures=100 -Dbusbar.limit=900}.
 */
public class SupervisionIT extends OnRack {

    private static final int FAILURES = Integer.getInteger("busbar.failures", 3);
    private static final int THREADS = 4;
    private static final int EVERY = 1000;
    /**
     * What a driver has to answer a request, in milliseconds; after twice as long it is found to hang. So long that no machine
     * is busy enough to have a request lose eight drivers in a row that do not: then it would be given up.
     */
    private static final int DEADLINE = 1000;

    /** Tells that a configuration is in force. */
    private static final Long HOLD = 29_000L;
    private static final String FAULTY = "faulty";

    @Configuration
    @Override
    public Option[] framework() {
        return new Option[] {Felix.options(), Felix.early("durable-bundle")};
    }

    @Test
    public void L5_driverThatThrowsAtEvery1000thRequestIsAPauseForVolumes() throws Exception {
        failAgainAndAgain(Defect.THROWS, "has thrown java.lang.IllegalStateException: that was request ");
    }

    @Test
    public void L5_driverThatLosesEvery1000thRequestIsAPauseForVolumes() throws Exception {
        failAgainAndAgain(Defect.LOSES, "has not ended for ");
    }

    /** With a thread of the volume's own for each queue, as applications want it that have to go on whatever drivers do. */
    @Test
    public void L5_driverThatHangsAtEvery1000thRequestIsAPauseForIsolatedVolumes() throws Exception {
        var configuration = rig.service(ConfigurationAdmin.class).getConfiguration("org.busbar.durable", "?");
        configuration.update(new Hashtable<>(Map.of("isolate", true, "holdMillis", HOLD)));
        try {
            failAgainAndAgain(Defect.HANGS, "a call of its queue has not returned");
        } finally {
            configuration.delete();
        }
    }

    private void failAgainAndAgain(Defect defect, String said) throws Exception {
        rig.policy("maxAttempts", 1000, "maxFailures", 1000, "retryDelay", 5, "maxRetryDelay", 20, "requestDeadline",
                defect == Defect.THROWS ? 30_000 : DEADLINE, "heartbeatFactor", 2);
        start(defect, EVERY);
        int slot = 2 + defect.ordinal(); // a volume of each test's own
        rig.insert(slot);
        Volume volume = volume(slot);
        if (defect == Defect.HANGS) {
            Eventually.await("volumes to be isolated", () -> HOLD.equals(reference(slot).getProperty(Volume.HOLD)));
        }
        List<VolumeLoad> loads = loads(volume);
        try {
            Eventually.await(
                    FAILURES + " failures",
                    () -> rig.probes(slot) > FAILURES || loads.stream().anyMatch(Load::failed),
                    () -> rig.describe(slot),
                    Eventually.LIMIT.multipliedBy(FAILURES));
            rig.awaitBound(slot, FAULTY);
            loads.forEach(Load::awaitProgress);
        } finally {
            for (VolumeLoad load : loads) {
                load.close();
            }
        }
        System.out.printf(
                "%s: %d verified requests, %d probes, %d reissued, %d pauses, the longest of %.1f ms%n",
                defect,
                loads.stream().mapToLong(VolumeLoad::done).sum(),
                rig.probes(slot),
                volume.statistics().reissued(),
                volume.statistics().pauses(),
                volume.statistics().longestPause().toNanos() / 1e6);
        assertThat(failures(slot)).extracting(failure -> failure.what).anyMatch(what -> what.contains(said));
        assertThat(rig.probes(slot)).as("probes").isGreaterThan(FAILURES);
        assertThat(volume.statistics().abandoned()).isZero();
        assertThat(volume.statistics().powerLosses()).as("losses of power").isZero();
        assertThat(rig.events(DeviceEvent.Kind.QUARANTINED, slot)).isZero();
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L5_driverThatFailsTooOftenIsQuarantinedAndSaysWhatLiftsThat() throws Exception {
        rig.policy("maxAttempts", 1000, "maxFailures", 3, "retryDelay", 5, "maxRetryDelay", 20);
        Bundle bundle = start(Defect.THROWS, 100);
        rig.insert(1, 5);
        Volume volume = volume(1);
        VolumeLoad load = VolumeLoad.on(volume, 0, 1);
        try {
            rig.awaitState(1, "QUARANTINED");
            assertThat(rig.device(1).orElseThrow().reason).contains("failed 3 times within 600 s");
            CandidateDTO faulty = rig.device(1).orElseThrow().candidates.getFirst();
            assertThat(faulty.quarantined).isTrue();
            assertThat(faulty.latestFailures).hasSize(3).allMatch(failure -> failure.what.contains("that was request"));
            assertThat(rig.events(DeviceEvent.Kind.QUARANTINED, 1)).isEqualTo(1);
            assertThat(rig.driver(5)).as("the driver of another device").isEqualTo(FAULTY);
            assertThat(rig.events(DeviceEvent.Kind.REMOVE_STARTED, 5)).isZero();
            bundle.uninstall();
            rig.startNvme();
            load.awaitProgress();
        } finally {
            load.close();
        }
        assertThat(volume.statistics().abandoned()).isZero();
    }

    private Bundle start(Defect defect, int every) throws BundleException {
        Bundle bundle = rig.install(
                "faulty",
                BundleJar.copyOf(Felix.jar("nvme-driver-bundle"))
                        .header("Bundle-SymbolicName", "org.busbar.itest.driver.faulty")
                        .without("Service-Component")
                        .alsoImports("org.osgi.framework")
                        .header("Bundle-Activator", Faulty.class.getName())
                        .header(Faulty.DEFECT, defect.name())
                        .header(Faulty.EVERY, Integer.toString(every))
                        .classes(Faulty.class)
                        .open());
        bundle.start();
        return bundle;
    }

    private List<FailureDTO> failures(int slot) {
        return rig.device(slot).orElseThrow().candidates.stream()
                .filter(candidate -> candidate.driver.equals(FAULTY))
                .flatMap(candidate -> candidate.latestFailures.stream())
                .toList();
    }

    private static List<VolumeLoad> loads(Volume volume) throws InterruptedException {
        List<VolumeLoad> loads = new ArrayList<>();
        for (int part = 0; part < THREADS; part++) {
            loads.add(VolumeLoad.on(volume, part, THREADS));
        }
        return loads;
    }

    private Volume volume(int slot) {
        Eventually.await("a volume of the card", () -> reference(slot) != null);
        return rig.context().getService(reference(slot));
    }

    private ServiceReference<Volume> reference(int slot) {
        try {
            return rig.context()
                    .getServiceReferences(Volume.class, "(" + BlockDevice.SERIAL + "=SSD-" + slot + ")")
                    .stream()
                    .findFirst()
                    .orElse(null);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
