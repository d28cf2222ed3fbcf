package org.busbar.shell.internal.demo;

import org.busbar.block.BlockDevice;
import org.busbar.emulator.Card;

/** Hot insert. */
final class Insert implements Step {
    @Override
    public String title() {
        return "An SSD is put into slot " + Stage.FREE_SLOT;
    }

    @Override
    public void run(Stage stage) throws Exception {
        stage.rack().insert(Stage.FREE_SLOT, Card.parse("nvme:size=16M"));
        var took = stage.await(
                "the third SSD is driven",
                bus -> stage.cards(Ssd.CLASS).size() == 3 && Stage.all(stage.cards(Ssd.CLASS), Stage.BOUND));
        stage.note("it is driven " + Stage.millis(took) + " later");
        stage.check(
                Stage.probes(stage.cards()).values().stream().allMatch(count -> count == 1),
                "it was probed once, nothing else again");
        stage.check(stage.services(BlockDevice.class).size() == 3, "there are three BlockDevice services");
    }
}
