package org.busbar.shell.internal.demo;

import org.busbar.block.BlockDevice;

/** Orderly removal: the system is asked first. */
final class Eject implements Step {
    @Override
    public String title() {
        return "It is taken out in order";
    }

    @Override
    public void run(Stage stage) throws Exception {
        String address = stage.address(Stage.FREE_SLOT);
        stage.rack().eject(Stage.FREE_SLOT, Stage.deadline());
        stage.await("the third SSD is gone", bus -> stage.cards().size() == 4);
        stage.check(
                stage.bus()
                        .history()
                        .stream()
                        .anyMatch(event -> event.device() != null
                                && event.text().contains("being taken out")
                                && event.device().address().equals(address)),
                "its driver gave it up before it was taken out");
        stage.check(stage.services(BlockDevice.class).size() == 2, "its BlockDevice service is gone");
        stage.check(Stage.all(stage.cards(), Stage.BOUND), "everything else is still driven");
    }
}
