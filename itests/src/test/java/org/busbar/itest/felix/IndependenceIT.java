package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.busbar.block.BlockDevice;
import org.busbar.device.DeviceEvent;
import org.busbar.emulator.Card;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NvmeFault;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.junit.Test;

/**
 * Storage and two kinds of network in one process, all of them busy. Bundles and cards of one come, go, fail and are
 * updated, in random order: the others must not notice anything at all.
 */
public class IndependenceIT extends OnRack {

    /** What has shown something once can be had again with -Dbusbar.seed=NUMBER. */
    private static final long SEED = Long.getLong("busbar.seed", 20_160_101);

    private static final int CHANGES = Integer.getInteger("busbar.changes", 24);
    private static final int ROUNDS_UNDER_FAULT = 40;
    private static final int IMPOSSIBLE_LENGTH = 40_000;

    private final Random random = new Random(SEED);

    /** What can happen to a subsystem. */
    private enum Change {
        BUNDLE_LEAVES_AND_ARRIVES,
        BUNDLE_IS_UPDATED,
        CARD_IS_YANKED,
        CARD_IS_EJECTED,
        DEVICE_FAILS
    }

    @Test
    public void L3_driversThatComeGoFailAndAreUpdatedUnderLoadDisturbNobodyElse() throws Exception {
        List<Subsystem> all = List.of(
                new Subsystem(
                        rig,
                        "nvme-driver-bundle",
                        BlockDevice.class,
                        Map.of(1, Rig.ssd(1), 2, Rig.ssd(2)),
                        new NvmeFault.Fatal(NvmeFault.Queues.IO, 3),
                        List.of(() -> Workload.on(rig.blockDevice(1)), () -> Workload.on(rig.blockDevice(2)))),
                network("nic-driver-bundle", 3, nic(3), nic(4)),
                network("virtio-net-driver-bundle", 5, new Card.VirtioNet(mac(5)), new Card.VirtioNet(mac(6))));
        for (Subsystem subsystem : all) {
            subsystem.begin();
        }
        for (int number = 0; number < CHANGES; number++) {
            Subsystem subject = all.get(random.nextInt(all.size()));
            Change change = Change.values()[random.nextInt(Change.values().length)];
            String what = "seed " + SEED + ", change " + number + ": " + subject + ", " + change;
            Map<Subsystem, Object> before = others(all, subject);
            try {
                apply(change, subject);
                for (Subsystem other : before.keySet()) {
                    other.awaitProgress();
                }
            } catch (Exception | AssertionError e) {
                throw new AssertionError(what + ": " + e.getMessage() + "\n" + rig.describeAll(), e);
            }
            assertThat(others(all, subject)).as(what).isEqualTo(before);
        }
        for (Subsystem subsystem : all) {
            subsystem.end();
        }
        assertThat(rig.events()).noneMatch(event -> event.kind() == DeviceEvent.Kind.LEAK);
    }

    private void apply(Change change, Subsystem subject) throws Exception {
        int slot = subject.slots().get(random.nextInt(subject.slots().size()));
        switch (change) {
            case BUNDLE_LEAVES_AND_ARRIVES -> {
                subject.bundle().stop();
                subject.awaitGone();
                subject.bundle().start();
            }
            case BUNDLE_IS_UPDATED -> {
                subject.update();
                subject.awaitGone();
            }
            case CARD_IS_YANKED -> {
                rig.rack().pull(slot);
                subject.awaitGone(slot);
                subject.insert(slot);
            }
            case CARD_IS_EJECTED -> {
                rig.rack().eject(slot, Rig.soon());
                subject.awaitGone(slot);
                subject.insert(slot);
            }
            case DEVICE_FAILS -> subject.fail(slot, ROUNDS_UNDER_FAULT);
        }
        subject.beginAgain();
    }

    /** What is known of all subsystems but one that must not change: services and what has happened to devices. */
    private Map<Subsystem, Object> others(List<Subsystem> all, Subsystem subject) {
        Map<Subsystem, Object> others = new TreeMap<>();
        for (Subsystem subsystem : all) {
            if (subsystem != subject) {
                others.put(subsystem, subsystem.history());
            }
        }
        return others;
    }

    private static MacAddress mac(int slot) {
        return MacAddress.parse("52:54:00:00:00:0" + slot);
    }

    private static Card nic(int slot) {
        return new Card.Nic(mac(slot));
    }

    private Subsystem network(String module, int slot, Card one, Card two) throws Exception {
        return new Subsystem(
                rig,
                module,
                NetworkPort.class,
                Map.of(slot, one, slot + 1, two),
                new NicFault.WrongLength(NicFault.Side.RECEIVE, 10, IMPOSSIBLE_LENGTH),
                List.of(() -> FrameExchange.on(port(slot), port(slot + 1))));
    }

    private NetworkPort port(int slot) {
        return Ports.up(rig, slot);
    }
}
