package org.busbar.shell.internal.demo;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockDevice;

/** Surprise removal. */
final class PullDuringIo implements Step {
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
        stage.check(Stage.all(stage.cards(), Stage.BOUND), "everything else is still driven");
    }
}
