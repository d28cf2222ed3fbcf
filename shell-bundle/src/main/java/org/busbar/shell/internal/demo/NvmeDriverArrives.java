package org.busbar.shell.internal.demo;

import java.util.Map;
import org.busbar.block.BlockDevice;
import org.busbar.net.NetworkPort;

/** Storage comes after network, and neither hears of the other. */
final class NvmeDriverArrives implements Step {
    @Override
    public String title() {
        return "The NVMe driver's jar is dropped into drivers/";
    }

    @Override
    public void run(Stage stage) throws Exception {
        Map<Long, NetworkPort> ports = stage.services(NetworkPort.class);
        stage.drivers().drop(Ssd.JAR);
        var took = stage.await("both SSDs are driven", bus -> Stage.all(stage.cards(Ssd.CLASS), Stage.BOUND));
        stage.note("both SSDs are driven " + Stage.millis(took) + " after the copy");
        stage.check(
                Stage.probes(stage.cards()).values().stream().allMatch(count -> count == 1),
                "each SSD was probed once, the NICs not again");
        stage.check(ports.equals(stage.services(NetworkPort.class)), "the NICs' services are the same as before");
        BlockDevice ssd = Ssd.at(stage, stage.cards(Ssd.CLASS).getFirst().address);
        Ssd.write(ssd, Ssd.SEED);
        stage.check(Ssd.holds(ssd, Ssd.SEED), "data written to " + ssd.name() + " is read back");
    }
}
