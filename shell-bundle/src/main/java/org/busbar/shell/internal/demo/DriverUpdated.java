package org.busbar.shell.internal.demo;

import java.util.Map;
import org.busbar.block.BlockDevice;
import org.busbar.net.NetworkPort;

/** A new version of a driver takes over in a running system. */
final class DriverUpdated implements Step {
    private static final String VERSION = "99.0.0";

    @Override
    public String title() {
        return "The NVMe driver's jar is replaced by a newer version";
    }

    @Override
    public void run(Stage stage) throws Exception {
        Map<Long, NetworkPort> ports = stage.services(NetworkPort.class);
        String address = stage.cards(Ssd.CLASS).getFirst().address;
        try (Reader reader = new Reader(Ssd.volume(stage, address))) {
            reader.start();
            stage.drivers().update(Ssd.JAR, VERSION);
            var took = stage.await(
                    "version " + VERSION + " drives the SSD",
                    bus -> bus.drivers.stream()
                            .anyMatch(driver -> driver.version.equals(VERSION) && !driver.devices.isEmpty()));
            stage.note("version " + VERSION + " drives it " + Stage.millis(took) + " after the copy");
            Reader.Outcome outcome = reader.end();
            stage.note(outcome.done() + " reads of its volume meanwhile, the longest pause "
                    + Stage.millis(outcome.longestPause()));
            stage.check(outcome.failure().isEmpty(), "who uses its volume saw a pause, and no error");
        }
        stage.check(ports.equals(stage.services(NetworkPort.class)), "the NICs' services are the same as before");
        BlockDevice ssd = Ssd.at(stage, address);
        stage.check(Ssd.holds(ssd, Ssd.SEED), "the data on the SSD is still there");
    }
}
