package org.busbar.shell.internal.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.pci.PciAddress;

/** What crashed the systems that Busbar learned from. */
final class AskedForOverAndOver implements Step {
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
        stage.check(Stage.all(stage.cards(), Stage.BOUND), "everything is still driven");
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
