package org.busbar.shell.internal.demo;

import java.nio.file.Files;
import java.util.Map;
import org.busbar.block.BlockDevice;
import org.busbar.net.NetworkPort;

/** A driver leaves by its jar being deleted. */
final class DriverLeaves implements Step {
    @Override
    public String title() {
        return "The NIC driver's jar is deleted";
    }

    @Override
    public void run(Stage stage) throws Exception {
        Map<Long, BlockDevice> devices = stage.services(BlockDevice.class);
        Files.delete(stage.drivers().path().resolve(Nic.JAR));
        var took = stage.await("nobody drives the NICs", bus -> Stage.all(stage.cards(Nic.CLASS), Stage.UNBOUND));
        stage.note("nobody drives the NICs " + Stage.millis(took) + " later");
        stage.check(stage.services(NetworkPort.class).isEmpty(), "there is no NetworkPort service");
        stage.check(devices.equals(stage.services(BlockDevice.class)), "the SSD's service is the same as before");
    }
}
