package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Map;
import org.busbar.block.BlockDevice;
import org.busbar.emulator.Card;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.nvme.NvmeController;
import org.busbar.pci.PciDriver;
import org.junit.After;
import org.junit.Test;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The settings of a driver change under what it drives. */
public class DriverConfigurationIT extends OnRack {

    private static final String NVME = "nvme";
    private static final String NIC = "nic";
    private static final String VIRTIO = "virtio-net";
    private static final Map<String, String> PIDS = Map.of(
            NVME, "org.busbar.driver.nvme", NIC, "org.busbar.driver.nic", VIRTIO, "org.busbar.driver.virtionet");
    private static final MacAddress MAC = MacAddress.parse("52:54:00:00:00:03");

    private Configuration configuration(String driver) throws IOException {
        return rig.service(ConfigurationAdmin.class).getConfiguration(PIDS.get(driver), "?");
    }

    @After
    public void forget() throws IOException {
        for (String driver : PIDS.keySet()) {
            configuration(driver).delete();
        }
    }

    /** Saves a configuration and waits until the driver's service has it as properties: then the driver has had it. */
    private void save(String driver, String key, String value) throws IOException {
        configuration(driver).update(new Hashtable<>(Map.of(key, value)));
        Eventually.await(
                key + '=' + value + " to have been delivered",
                () -> isDelivered("(&(" + PciDriver.NAME + '=' + driver + ")(" + key + '=' + value + "))"));
    }

    private boolean isDelivered(String filter) {
        try {
            return rig.context().getServiceReferences(PciDriver.class, filter).size() == 1;
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private NvmeController controller(int slot) {
        rig.awaitBound(slot, NVME);
        return rig.context().getService(rig.reference(NvmeController.class, slot));
    }

    @Test
    public void L2_aChangeHoldsForWhatIsProbedAfterwardsAndTakesNothingAway() throws Exception {
        rig.startNvme();
        rig.insert(1);
        try (Workload io = Workload.on(rig.blockDevice(1))) {
            ServiceReference<BlockDevice> before = rig.reference(BlockDevice.class, 1);
            save(NVME, "passthrough", "true");
            io.awaitProgress();
            rig.insert(2);

            assertThat(controller(2).passthrough()).isNotNull();
            assertThatThrownBy(() -> controller(1).passthrough()).isInstanceOf(UnsupportedOperationException.class);
            assertThat(rig.reference(BlockDevice.class, 1)).isEqualTo(before);
        }
        assertThat(rig.probes(1)).isEqualTo(1);
    }

    @Test
    public void L2_malformedValueTakesNothingAwayAndThePreviousOneStays() throws Exception {
        rig.startNvme();
        rig.insert(1);
        try (Workload io = Workload.on(rig.blockDevice(1))) {
            ServiceReference<BlockDevice> before = rig.reference(BlockDevice.class, 1);
            save(NVME, "passthrough", "true");
            for (String malformed : new String[] {"0", "many", "1025"}) {
                save(NVME, "ioQueues", malformed);
                io.awaitProgress();
            }
            rig.insert(2);

            assertThat(controller(2).passthrough()).as("what was in force stays, as a whole").isNotNull();
            assertThat(rig.reference(BlockDevice.class, 1)).isEqualTo(before);
        }
        assertThat(rig.probes(1)).isEqualTo(1);
    }

    @Test
    public void driverArrivesWithDefaultsForWhatIsMalformed() throws Exception {
        configuration(NVME).update(new Hashtable<>(Map.of("ioQueues", "many", "passthrough", "true")));
        rig.startNvme();
        rig.insert(1);
        assertThat(controller(1).passthrough()).as("what is correct counts").isNotNull();
    }

    @Test
    public void L2_settingsOfTheIntelDriverTakeNoPortAway() throws Exception {
        rig.installModule("nic-driver-bundle").start();
        settingsTakeNoPortAway(NIC, new Card.Nic(MAC));
    }

    @Test
    public void L2_settingsOfTheVirtioDriverTakeNoPortAway() throws Exception {
        rig.installModule("virtio-net-driver-bundle").start();
        settingsTakeNoPortAway(VIRTIO, new Card.VirtioNet(MAC, 1, 1500));
    }

    private void settingsTakeNoPortAway(String driver, Card card) throws Exception {
        rig.rack().insert(3, card);
        rig.awaitBound(3, driver);
        ServiceReference<NetworkPort> before = rig.reference(NetworkPort.class, 3);
        for (String value : new String[] {"2048", "none", "1", "65537"}) {
            save(driver, "packetBuffers", value);
        }
        save(driver, "interrupts", "perhaps");
        rig.settle();

        assertThat(rig.reference(NetworkPort.class, 3)).isNotNull().isEqualTo(before);
        assertThat(rig.probes(3)).isEqualTo(1);
        rig.rack().pull(3);
        Eventually.await("slot 3 to be empty", () -> rig.device(3).isEmpty());
        rig.rack().insert(3, card);
        rig.awaitBound(3, driver);
    }
}
