package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Dictionary;
import java.util.Hashtable;
import org.busbar.device.DeviceEvent;
import org.busbar.itest.felix.driver.TestDriver;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** What is configured holds for devices that are not there yet, no longer, or again. */
public class PolicyIT extends OnRack {

    private void replug(int... slots) {
        for (int slot : slots) {
            rig.rack().pull(slot);
            Eventually.await("slot " + slot + " to be empty", () -> rig.device(slot).isEmpty());
        }
        rig.insert(slots);
    }

    private void restart(String symbolicName) throws Exception {
        Bundle bundle = rig.bundle(symbolicName);
        bundle.stop();
        bundle.start();
        Eventually.await("the cards to be seen again", () -> rig.bindings().size() == 3, rig::bindings);
    }

    @Test
    public void L9_denyAndOverrideSurviveReplugAndRestart() throws Exception {
        rig.policy("deny", "e000:01:00.0", "driverOverride", "e000:03:*=special");
        rig.startNvme();
        rig.start(DriverBundle.of("special", DriverBundle.SSD, TestDriver.class).ranking(-5));
        rig.policy("deny", "e000:01:00.0", "driverOverride", new String[] {"e000:02:00.0=nvme", "e000:03:*=special"});
        rig.insert(1, 2, 3);
        expectDenyAndOverride();
        replug(1, 2, 3);
        expectDenyAndOverride();
        restart(Felix.PCI);
        expectDenyAndOverride();
        restart(Felix.CORE);
        expectDenyAndOverride();
        replug(3, 2, 1);
        expectDenyAndOverride();
    }

    private void expectDenyAndOverride() {
        rig.awaitState(1, "DENIED");
        assertThat(rig.device(1).orElseThrow().reason).contains("e000:01:00.0");
        rig.awaitBound(2, "nvme");
        rig.awaitBound(3, "special");
    }

    @Test
    public void L9_onlyWhatIsAllowedIsBoundAlsoAfterReplug() throws Exception {
        rig.policy("allow", new String[] {"e000:02:00.0"});
        rig.startNvme();
        rig.insert(1, 2);
        rig.awaitBound(2, "nvme");
        rig.awaitState(1, "DENIED");
        replug(1, 2);
        rig.awaitBound(2, "nvme");
        rig.awaitState(1, "DENIED");
        rig.policy("allow", new String[] {"1b36:0010"});
        rig.awaitBound(1, "nvme");
        assertThat(rig.probes(2)).as("probes of the card that was allowed before and after").isEqualTo(1);
    }

    @Test
    public void L9_denyingABoundDeviceTakesItAwayInOrder() throws Exception {
        rig.startNvme();
        rig.insert(1, 2);
        QueueLoad queue = QueueLoad.on(rig.blockDevice(1), 8);
        try (Workload neighbour = Workload.on(rig.blockDevice(2))) {
            rig.policy("deny", "e000:01:00.0");
            queue.awaitGone();
            rig.awaitState(1, "DENIED");
            neighbour.awaitProgress();
        }
        rig.policy("deny", "e000:07:00.0");
        rig.awaitBound(1, "nvme");
        assertThat(rig.probes(2)).isEqualTo(1);
    }

    @Test
    public void L9_malformedConfigurationIsRefusedAndTheOldOneStays() throws Exception {
        rig.policy("deny", "e000:01:00.0");
        rig.startNvme();
        rig.insert(1, 2);
        rig.awaitState(1, "DENIED");
        rig.awaitBound(2, "nvme");
        Dictionary<String, Object> malformed = new Hashtable<>();
        malformed.put("deny", "in no way an address!");
        rig.policy().update(malformed);
        Eventually.await(
                "a report that shows what is wrong",
                () -> rig.events()
                        .stream()
                        .anyMatch(e -> e.kind() == DeviceEvent.Kind.POLICY_CHANGED
                                && e.text().contains("in no way an address!")),
                rig::events);
        rig.settle();
        assertThat(rig.state(1)).isEqualTo("DENIED");
        assertThat(rig.driver(2)).isEqualTo("nvme");
        assertThat(rig.probes(2)).isEqualTo(1);
    }
}
