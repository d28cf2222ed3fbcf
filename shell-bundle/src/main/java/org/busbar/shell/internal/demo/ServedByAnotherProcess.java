package org.busbar.shell.internal.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.net.NetworkPort;

/** Devices of another process, which can die at any time. */
final class ServedByAnotherProcess implements Step {

    private static final long SEED = 17;
    private static final int CARDS = 3;
    /** How long a second Busbar may take to start, on a machine that has other things to do. */
    private static final Duration START = Duration.ofSeconds(60);

    @Override
    public String title() {
        return "A second Busbar serves an SSD and two NICs to this one, is killed and started again";
    }

    @Override
    public void run(Stage stage) throws Exception {
        Path endpoints = SecondBusbar.endpoints(stage);
        List<Long> generations;
        try (SecondBusbar first = SecondBusbar.start(stage, endpoints)) {
            awaitDriven(stage, first);
            generations = generations(stage);
            checkThatTheyWork(stage);
            killDuringIo(stage, first);
        }
        stage.check(
                stage.services(BlockDevice.class).size() == 1 && stage.services(NetworkPort.class).size() == 2,
                "the services of its cards are gone");
        stage.check(Stage.all(stage.cards(), Stage.BOUND), "everything else is still driven");
        try (SecondBusbar second = SecondBusbar.start(stage, endpoints)) {
            awaitDriven(stage, second);
            stage.check(generations(stage).stream().noneMatch(generations::contains), "they are new devices");
            checkThatTheyWork(stage);
            int status = second.end();
            awaitGone(stage);
            stage.check(status == 0, "when it ends in order, they are removed");
        }
    }

    private static void awaitDriven(Stage stage, SecondBusbar server) throws Exception {
        try {
            var took = stage.await("the cards of process " + server.pid() + " are driven", START,
                    _ -> served(stage).size() == CARDS && Stage.all(served(stage), Stage.BOUND));
            stage.note(
                    "the cards of process " + server.pid() + " are driven " + Stage.millis(took) + " after its start");
        } catch (CheckFailedException e) {
            throw new CheckFailedException(e.getMessage() + "\nthe second Busbar said:\n" + server.said());
        }
    }

    private static void awaitGone(Stage stage) throws Exception {
        stage.await("they are gone", _ -> served(stage).isEmpty());
    }

    /** Returns the devices that no slot of this process's rack and of this machine has. */
    private static List<DeviceDTO> served(Stage stage) {
        return stage.bus().snapshot().devices.stream()
                .filter(device -> "vfio-user".equals(device.properties.get("pci.host")))
                .toList();
    }

    private static List<Long> generations(Stage stage) {
        return served(stage).stream().map(device -> device.generation).toList();
    }

    private static BlockDevice ssd(Stage stage) throws CheckFailedException {
        return Ssd.at(stage, served(stage).stream()
                .filter(device -> Ssd.CLASS.equals(device.properties.get("pci.class")))
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("there is no SSD among them")).address);
    }

    private static void checkThatTheyWork(Stage stage) throws Exception {
        BlockDevice ssd = ssd(stage);
        Ssd.write(ssd, SEED);
        stage.check(Ssd.holds(ssd, SEED), "data written to " + ssd.name() + " is read back");
        List<NetworkPort> ports = Nic.ports(stage)
                .stream()
                .filter(port -> served(stage).stream().anyMatch(device -> port.name().startsWith(device.address)))
                .toList();
        stage.check(
                ports.size() == 2 && Nic.reaches(ports.getFirst(), ports.getLast())
                        && Nic.reaches(ports.getLast(), ports.getFirst()),
                "a frame sent by either of its NICs arrives at the other");
    }

    private static void killDuringIo(Stage stage, SecondBusbar server) throws Exception {
        Traffic traffic = new Traffic(ssd(stage));
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Traffic.Outcome> end = thread.submit(traffic);
            if (!traffic.flowing().await(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new CheckFailedException("requests do not flow");
            }
            long before = System.nanoTime();
            server.kill();
            Traffic.Outcome outcome = end.get(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            stage.note("process " + server.pid() + " is killed after " + outcome.done() + " requests; " + outcome.gone()
                    + " ended with GONE, " + Stage.millis(outcome.lastAfter(before)) + " after the kill");
            stage.check(outcome.eachOnce() && outcome.otherwise() == 0, "every request ended exactly once");
        }
        awaitGone(stage);
    }
}
