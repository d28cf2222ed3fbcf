package org.busbar.shell.internal.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.emulator.Card;
import org.busbar.net.NetworkPort;
import org.busbar.pci.PciAddress;
import org.osgi.framework.Bundle;

/** The steps of the tour, in order. */
final class Tour {

    private static final long SEED = 4096;
    private static final int FREE_SLOT = 5;
    private static final String BOUND = "BOUND";
    private static final String UNBOUND = "UNBOUND";

    private Tour() {}

    static List<Step> steps() {
        return List.of(
                new Scan(),
                new NicDriverArrives(),
                new NvmeDriverArrives(),
                new AskedForOverAndOver(),
                new Insert(),
                new Eject(),
                new PullDuringIo(),
                new DriverUpdated(),
                new DriverStoppedAndStarted(),
                new DriverLeaves());
    }

    /** What is there before any driver is. */
    private record Scan() implements Step {
        @Override
        public String title() {
            return "The bus is scanned; there is no driver yet";
        }

        @Override
        public void run(Stage stage) throws Exception {
            stage.bus().rescan(Stage.deadline());
            List<DeviceDTO> cards = stage.cards();
            for (DeviceDTO card : cards) {
                stage.note(card.address + "  " + card.properties.get("pci.vendor") + ':'
                        + card.properties.get("pci.device") + "  class " + card.properties.get("pci.class"));
            }
            stage.check(
                    stage.cards(Ssd.CLASS).size() == 2 && stage.cards(Nic.CLASS).size() == 2,
                    "two SSDs and two NICs are in the rack");
            stage.check(
                    Stage.all(cards, UNBOUND) && stage.bus().snapshot().probes == 0,
                    "nobody drives them, nothing has been probed");
            int own = stage.bus().snapshot().devices.size() - cards.size();
            stage.note("(and " + own + " functions of this machine, which are only looked at)");
        }
    }

    /** A driver looks at what it matches, and at nothing else. */
    private record NicDriverArrives() implements Step {
        @Override
        public String title() {
            return "The NIC driver's jar is dropped into drivers/";
        }

        @Override
        public void run(Stage stage) throws Exception {
            stage.drivers().drop(Nic.JAR);
            var took = stage.await("both NICs are driven", bus -> Stage.all(stage.cards(Nic.CLASS), BOUND));
            stage.note("both NICs are driven " + Stage.millis(took) + " after the copy");
            stage.check(
                    Stage.probes(stage.cards(Nic.CLASS)).values().stream().allMatch(count -> count == 1),
                    "each NIC was probed once");
            stage.check(
                    Stage.probes(stage.cards(Ssd.CLASS)).values().stream().allMatch(count -> count == 0),
                    "no SSD was probed");
            List<NetworkPort> ports = Nic.ports(stage);
            stage.check(ports.size() == 2, "there are two NetworkPort services");
            stage.check(
                    Nic.reaches(ports.get(0), ports.get(1)) && Nic.reaches(ports.get(1), ports.get(0)),
                    "a frame sent by either NIC arrives at the other");
        }
    }

    /** Storage comes after network, and neither hears of the other. */
    private record NvmeDriverArrives() implements Step {
        @Override
        public String title() {
            return "The NVMe driver's jar is dropped into drivers/";
        }

        @Override
        public void run(Stage stage) throws Exception {
            Map<Long, NetworkPort> ports = stage.services(NetworkPort.class);
            stage.drivers().drop(Ssd.JAR);
            var took = stage.await("both SSDs are driven", bus -> Stage.all(stage.cards(Ssd.CLASS), BOUND));
            stage.note("both SSDs are driven " + Stage.millis(took) + " after the copy");
            stage.check(
                    Stage.probes(stage.cards()).values().stream().allMatch(count -> count == 1),
                    "each SSD was probed once, the NICs not again");
            stage.check(ports.equals(stage.services(NetworkPort.class)), "the NICs' services are the same as before");
            BlockDevice ssd = Ssd.at(stage, stage.cards(Ssd.CLASS).getFirst().address);
            Ssd.write(ssd, SEED);
            stage.check(Ssd.holds(ssd, SEED), "data written to " + ssd.name() + " is read back");
        }
    }

    /** What crashed the systems that Busbar learned from. */
    private record AskedForOverAndOver() implements Step {
        private static final int THREADS = 16;
        private static final int ROUNDS = 25;

        @Override
        public String title() {
            return THREADS + " threads ask for scans and probes of everything, over and over";
        }

        @Override
        public void run(Stage stage) throws Exception {
            long before = stage.bus().snapshot().probes;
            List<PciAddress> addresses =
                    stage.cards().stream().map(card -> PciAddress.parse(card.address)).toList();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<?>> all = new ArrayList<>();
                for (int i = 0; i < THREADS; i++) {
                    all.add(threads.submit(asking(stage, addresses)));
                }
                for (Future<?> one : all) {
                    one.get(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                }
            }
            stage.check(
                    stage.bus().snapshot().probes == before,
                    THREADS * ROUNDS + " rescans and " + THREADS * ROUNDS * addresses.size()
                            + " attaches later, nothing has been probed again");
            stage.check(Stage.all(stage.cards(), BOUND), "everything is still driven");
        }

        private static Callable<Boolean> asking(Stage stage, List<PciAddress> addresses) {
            return () -> {
                for (int round = 0; round < ROUNDS; round++) {
                    stage.bus().rescan(Stage.deadline());
                    for (PciAddress address : addresses) {
                        stage.bus().attach(address, Stage.deadline());
                    }
                }
                return true;
            };
        }
    }

    /** Hot insert. */
    private record Insert() implements Step {
        @Override
        public String title() {
            return "An SSD is put into slot " + FREE_SLOT;
        }

        @Override
        public void run(Stage stage) throws Exception {
            stage.rack().insert(FREE_SLOT, Card.parse("nvme:size=16M"));
            var took = stage.await(
                    "the third SSD is driven",
                    bus -> stage.cards(Ssd.CLASS).size() == 3 && Stage.all(stage.cards(Ssd.CLASS), BOUND));
            stage.note("it is driven " + Stage.millis(took) + " later");
            stage.check(
                    Stage.probes(stage.cards()).values().stream().allMatch(count -> count == 1),
                    "it was probed once, nothing else again");
            stage.check(stage.services(BlockDevice.class).size() == 3, "there are three BlockDevice services");
        }
    }

    /** Orderly removal: the system is asked first. */
    private record Eject() implements Step {
        @Override
        public String title() {
            return "It is taken out in order";
        }

        @Override
        public void run(Stage stage) throws Exception {
            stage.rack().eject(FREE_SLOT, Stage.deadline());
            stage.await("the third SSD is gone", bus -> stage.cards().size() == 4);
            stage.check(
                    stage.bus()
                            .history()
                            .stream()
                            .anyMatch(event -> event.device() != null
                                    && event.text().contains("being taken out")
                                    && event.device().address().equals(address(stage, FREE_SLOT))),
                    "its driver gave it up before it was taken out");
            stage.check(stage.services(BlockDevice.class).size() == 2, "its BlockDevice service is gone");
            stage.check(Stage.all(stage.cards(), BOUND), "everything else is still driven");
        }
    }

    /** Surprise removal. */
    private record PullDuringIo() implements Step {
        @Override
        public String title() {
            return "The other SSD is yanked while " + Traffic.DEPTH + " requests are in flight";
        }

        @Override
        public void run(Stage stage) throws Exception {
            String address = stage.cards(Ssd.CLASS).getLast().address;
            int slot = stage.rack()
                    .slots()
                    .stream()
                    .filter(candidate -> candidate.address().equals(address))
                    .findFirst()
                    .orElseThrow()
                    .number();
            Traffic traffic = new Traffic(Ssd.at(stage, address));
            try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
                Future<Traffic.Outcome> end = thread.submit(traffic);
                if (!traffic.flowing().await(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                    throw new CheckFailedException("requests do not flow");
                }
                stage.rack().pull(slot);
                Traffic.Outcome outcome = end.get(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS);
                stage.note(outcome.accepted() + " requests: " + outcome.done() + " done, " + outcome.gone()
                        + " ended with GONE");
                stage.check(outcome.eachOnce() && outcome.otherwise() == 0, "every request ended exactly once");
            }
            stage.await("it is gone", bus -> stage.cards().size() == 3);
            stage.check(stage.services(BlockDevice.class).size() == 1, "its BlockDevice service is gone");
            stage.check(Stage.all(stage.cards(), BOUND), "everything else is still driven");
        }
    }

    /** A new version of a driver takes over in a running system. */
    private record DriverUpdated() implements Step {
        private static final String VERSION = "99.0.0";

        @Override
        public String title() {
            return "The NVMe driver's jar is replaced by a newer version";
        }

        @Override
        public void run(Stage stage) throws Exception {
            Map<Long, NetworkPort> ports = stage.services(NetworkPort.class);
            stage.drivers().update(Ssd.JAR, VERSION);
            var took = stage.await(
                    "version " + VERSION + " drives the SSD",
                    bus -> bus.drivers.stream()
                            .anyMatch(driver -> driver.version.equals(VERSION) && !driver.devices.isEmpty()));
            stage.note("version " + VERSION + " drives it " + Stage.millis(took) + " after the copy");
            stage.check(ports.equals(stage.services(NetworkPort.class)), "the NICs' services are the same as before");
            BlockDevice ssd = Ssd.at(stage, stage.cards(Ssd.CLASS).getFirst().address);
            stage.check(Ssd.holds(ssd, SEED), "the data on the SSD is still there");
        }
    }

    /** A bundle's life cycle is the driver's. */
    private record DriverStoppedAndStarted() implements Step {
        @Override
        public String title() {
            return "The NVMe driver's bundle is stopped, then started";
        }

        @Override
        public void run(Stage stage) throws Exception {
            Bundle bundle = List.of(stage.context().getBundles())
                    .stream()
                    .filter(candidate -> Ssd.BUNDLE.equals(candidate.getSymbolicName()))
                    .findFirst()
                    .orElseThrow();
            bundle.stop();
            stage.check(stage.services(BlockDevice.class).isEmpty(),
                    "when stop returns there is no BlockDevice service");
            stage.check(!Stage.all(stage.cards(Ssd.CLASS), BOUND), "and nobody drives the SSD");
            stage.check(Stage.all(stage.cards(Nic.CLASS), BOUND), "the NICs are still driven");
            bundle.start();
            var took = stage.await("the SSD is driven", bus -> Stage.all(stage.cards(Ssd.CLASS), BOUND));
            stage.note("after the start it took " + Stage.millis(took));
            BlockDevice ssd = Ssd.at(stage, stage.cards(Ssd.CLASS).getFirst().address);
            stage.check(Ssd.holds(ssd, SEED), "the data on the SSD is still there");
        }
    }

    /** A driver leaves by its jar being deleted. */
    private record DriverLeaves() implements Step {
        @Override
        public String title() {
            return "The NIC driver's jar is deleted";
        }

        @Override
        public void run(Stage stage) throws Exception {
            Map<Long, BlockDevice> devices = stage.services(BlockDevice.class);
            java.nio.file.Files.delete(stage.drivers().path().resolve(Nic.JAR));
            var took = stage.await("nobody drives the NICs", bus -> Stage.all(stage.cards(Nic.CLASS), UNBOUND));
            stage.note("nobody drives the NICs " + Stage.millis(took) + " later");
            stage.check(stage.services(NetworkPort.class).isEmpty(), "there is no NetworkPort service");
            stage.check(devices.equals(stage.services(BlockDevice.class)), "the SSD's service is the same as before");
        }
    }

    private static String address(Stage stage, int slot) {
        return stage.rack()
                .slots()
                .stream()
                .filter(candidate -> candidate.number() == slot)
                .map(org.busbar.emulator.Rack.Slot::address)
                .findFirst()
                .orElseThrow();
    }
}
