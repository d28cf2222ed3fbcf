package org.busbar.shell.internal.demo;

import java.util.List;
import org.busbar.block.BlockDevice;
import org.osgi.framework.Bundle;

/** A bundle's life cycle is the driver's. */
final class DriverStoppedAndStarted implements Step {
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
        stage.check(!Stage.all(stage.cards(Ssd.CLASS), Stage.BOUND), "and nobody drives the SSD");
        stage.check(Stage.all(stage.cards(Nic.CLASS), Stage.BOUND), "the NICs are still driven");
        bundle.start();
        var took = stage.await("the SSD is driven", bus -> Stage.all(stage.cards(Ssd.CLASS), Stage.BOUND));
        stage.note("after the start it took " + Stage.millis(took));
        BlockDevice ssd = Ssd.at(stage, stage.cards(Ssd.CLASS).getFirst().address);
        stage.check(Ssd.holds(ssd, Ssd.SEED), "the data on the SSD is still there");
    }
}
