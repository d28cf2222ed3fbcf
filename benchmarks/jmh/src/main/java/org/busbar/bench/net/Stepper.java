package org.busbar.bench.net;

import java.util.List;
import org.busbar.emulator.internal.model.DeviceModel;

/** Steps devices without threads of their own on a thread, while somebody else waits for them. With none it does nothing. */
final class Stepper implements AutoCloseable {

    private final List<DeviceModel> cards;
    private final Thread thread = new Thread(this::run, "stepper");
    private volatile boolean stopped;
    private volatile long rounds;

    Stepper(List<DeviceModel> cards) {
        this.cards = cards;
        thread.start();
    }

    private void run() {
        while (!stopped && !cards.isEmpty()) {
            cards.forEach(DeviceModel::step);
            rounds = rounds + 1;
        }
    }

    /** Waits until each device has done so many pieces of work since. */
    void awaitRounds(int number) {
        long end = rounds + number;
        while (!cards.isEmpty() && thread.isAlive() && rounds < end) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped = true;
        thread.join();
    }
}
