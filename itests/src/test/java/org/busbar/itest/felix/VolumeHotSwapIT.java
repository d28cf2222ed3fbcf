package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.busbar.emulator.Card;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumeState;
import org.junit.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Applications that use a volume see a pause where those of its block device see an error: four threads of verified reads
 * and writes. More rounds by hand: {@code -Dbusbar.swaps=100 -Dbusbar.limit=900}, without handover {@code -Dbusbar.handover=false}.
 */
public class VolumeHotSwapIT extends OnRack {

    private static final int SWAPS = Integer.getInteger("busbar.swaps", 5);
    private static final int RESEATS = Integer.getInteger("busbar.reseats", 3);
    /** After so many swaps the process has what it needs. */
    private static final int WARM_UP = 20;
    private static final boolean HANDOVER = !System.getProperty("busbar.handover", "true").equals("false");
    /** Felix 7.0.5 keeps each bundle that was uninstalled, with the index of its jar, in its map of services in use. */
    private static final long UNINSTALLED_BUNDLE = 50_000;

    private static final int THREADS = 4;
    private static final int BLOCKS = 4096;

    @Configuration
    @Override
    public Option[] framework() {
        return new Option[] {Felix.options(), Felix.early("durable-bundle")};
    }

    @Test
    public void L6_driverUpdatesAreAPauseForVolumes() throws Exception {
        rig.policy("handover", HANDOVER, "updateGrace", 30_000);
        AtomicReference<Bundle> driver = new AtomicReference<>(rig.startNvme());
        replaceUnderLoad(
                "driver updates", 1, 0, driver, swap -> driver.get()
                        .update(BundleJar.copyOf(Felix.jar("nvme-driver-bundle")).version("0.3." + swap).open()));
    }

    /** The successor is started, and its classes linked, before the driver before it gives the device up. */
    @Test
    public void L6_successorsThatTakeADeviceOverAreAShortPauseForVolumes() throws Exception {
        if (!HANDOVER) {
            rig.policy("handover", false);
        }
        AtomicReference<Bundle> driver = new AtomicReference<>(rig.startNvme());
        try {
            replaceUnderLoad("swaps", 2, UNINSTALLED_BUNDLE, driver, swap -> {
                Successor successor = Successor.start(rig, "nvme-driver-bundle", "0.4." + swap);
                successor.takeOver(rig, 2);
                driver.getAndSet(successor.bundle()).uninstall();
            });
        } finally {
            driver.get().uninstall();
        }
    }

    private interface Replacement {
        void make(int number) throws Exception;
    }

    private void replaceUnderLoad(String what, int slot, long keptEachTime, AtomicReference<Bundle> driver,
            Replacement replacement)
            throws Exception {
        rig.insert(slot);
        Volume volume = volume("SSD-" + slot);
        Footprint footprint = new Footprint(rig);
        Footprint.Holdings before = null;
        long requests = 0;
        for (int first = 1; first <= SWAPS; first += WARM_UP) {
            List<VolumeLoad> loads = loads(volume);
            try {
                for (int swap = first; swap < Math.min(first + WARM_UP, SWAPS + 1); swap++) {
                    footprint.follow(driver.get());
                    replacement.make(swap);
                    loads.forEach(Load::awaitProgress);
                }
            } finally {
                end(loads);
            }
            // Not while they run: the compiled code of a loop may name classes of a driver that has gone.
            footprint.awaitCollected();
            if (before == null) {
                before = footprint.holdings();
            }
            requests += loads.stream().mapToLong(VolumeLoad::done).sum();
        }
        report(volume, slot, requests, SWAPS + " " + what + " with handover " + (HANDOVER ? "on" : "off"));
        footprint.expectNoMoreThan(before.withMoreHeap(SWAPS * keptEachTime));
        assertThat(volume.statistics().abandoned()).isZero();
        assertThat(volume.statistics().powerLosses()).as("losses of power").isZero();
        assertThat(volume.statistics().pathsLost()).isEqualTo(SWAPS);
        assertThat(rig.events(DeviceEvent.Kind.PROBE_FAILED, slot)).as("probes failed").isZero();
        assertThat(rig.events(DeviceEvent.Kind.LEAK, slot)).as("leaks reported").isZero();
        assertThat(rig.iommuFaults()).isEmpty();
    }

    @Test
    public void L8_cardThatIsPulledAndPutBackIsAPauseForVolumes() throws Exception {
        Path file = Files.createTempFile("busbar", ".ssd");
        try {
            Card card = new Card.Nvme(BLOCKS, 512, Optional.of(file), "SSD-F");
            rig.startNvme();
            rig.rack().insert(1, card);
            Volume volume = volume("SSD-F");
            List<VolumeLoad> loads = loads(volume);
            try {
                for (int reseat = 0; reseat < RESEATS; reseat++) {
                    rig.rack().pull(1);
                    rig.rack().insert(1, card);
                    loads.forEach(Load::awaitProgress);
                }
            } finally {
                end(loads);
            }
            report(volume, 1, loads.stream().mapToLong(VolumeLoad::done).sum(), RESEATS + " re-seats");
            assertThat(volume.statistics().abandoned()).isZero();
            assertThat(volume.state()).isEqualTo(VolumeState.UP);
            assertThat(rig.iommuFaults()).isEmpty();
        } finally {
            Files.deleteIfExists(file);
        }
    }

    @Test
    public void L8_otherCardInTheSlotGetsNoByteOfTheVolumes() throws Exception {
        rig.startNvme();
        rig.insert(1);
        Volume volume = volume("SSD-1");
        hold("SSD-1", 300);
        try {
            expectGoneAndUntouched(volume);
        } finally {
            hold().delete();
        }
    }

    private void expectGoneAndUntouched(Volume volume) throws Exception {
        List<VolumeLoad> loads = loads(volume);
        rig.rack().pull(1);
        rig.rack().insert(1, new Card.Nvme(BLOCKS, 512, Optional.empty(), "OTHER"));
        for (VolumeLoad load : loads) {
            load.awaitGone();
            load.abandon();
        }
        BlockDevice other = rig.blockDevice(1);
        ByteBuffer all = ByteBuffer.allocate(BLOCKS * 512);
        other.read(0, all, Rig.soon());
        assertThat(all.array()).as("the other card's blocks").containsOnly(0);
        assertThat(volume("OTHER")).isNotSameAs(volume);
        Eventually.await("the volume without users to be dropped", () -> volume.state() == VolumeState.DROPPED);
    }

    private static List<VolumeLoad> loads(Volume volume) throws InterruptedException {
        List<VolumeLoad> loads = new ArrayList<>();
        for (int part = 0; part < THREADS; part++) {
            loads.add(VolumeLoad.on(volume, part, THREADS));
        }
        return loads;
    }

    private static void end(List<VolumeLoad> loads) throws InterruptedException {
        for (VolumeLoad load : loads) {
            load.close();
        }
    }

    /** A figure for people; how long a pause takes depends on the machine. */
    private void report(Volume volume, int slot, long requests, String what) {
        System.out.printf(
                "%s: %d verified requests, %d reissued, %d pauses, the longest of %.1f ms; without a driver: %s%n",
                what,
                requests,
                volume.statistics().reissued(),
                volume.statistics().pauses(),
                volume.statistics().longestPause().toNanos() / 1e6,
                Gaps.of(rig, slot));
    }

    private void hold(String serial, long millis) throws Exception {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put("holdMillis", millis);
        hold().update(properties);
        Eventually.await(
                "requests to be held for " + millis + " ms",
                () -> Long.valueOf(millis).equals(reference(serial).getProperty(Volume.HOLD)));
    }

    private org.osgi.service.cm.Configuration hold() throws Exception {
        return rig.service(ConfigurationAdmin.class).getConfiguration("org.busbar.durable", "?");
    }

    private Volume volume(String serial) {
        Eventually.await("a volume of " + serial, () -> reference(serial) != null);
        return rig.context().getService(reference(serial));
    }

    private ServiceReference<Volume> reference(String serial) {
        try {
            return rig.context()
                    .getServiceReferences(Volume.class, "(" + BlockDevice.SERIAL + "=" + serial + ")")
                    .stream()
                    .findFirst()
                    .orElse(null);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
