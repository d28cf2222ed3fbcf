package org.busbar.shell.internal.demo;

import java.util.List;
import org.busbar.net.NetworkPort;

/** A driver looks at what it matches, and at nothing else. */
final class NicDriverArrives implements Step {
    @Override
    public String title() {
        return "The NIC driver's jar is dropped into drivers/";
    }

    @Override
    public void run(Stage stage) throws Exception {
        stage.drivers().drop(Nic.JAR);
        var took = stage.await("both NICs are driven", bus -> Stage.all(stage.cards(Nic.CLASS), Stage.BOUND));
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
