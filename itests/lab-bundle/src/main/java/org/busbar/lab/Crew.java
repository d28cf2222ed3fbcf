package org.busbar.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;

/** Hammers on the queues of one device, with one account. */
final class Crew {

    private final Ledger ledger = new Ledger();
    private final List<Hammer> hammers = new ArrayList<>();

    Crew(BlockDevice device, int depth, int queues) throws BlockIOException {
        for (int region = 0; region < queues; region++) {
            hammers.add(new Hammer(device, depth, region, ledger));
        }
    }

    Ledger ledger() {
        return ledger;
    }

    boolean isRunning() {
        return hammers.stream().anyMatch(Hammer::isRunning);
    }

    /** Has all of them stop, and returns how they ended. */
    String finish(long millis) throws InterruptedException {
        hammers.forEach(Hammer::stop);
        return awaitEnd(millis);
    }

    /** Returns how they ended, each way once, having waited for that. */
    String awaitEnd(long millis) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        List<String> ends = new ArrayList<>();
        for (Hammer hammer : hammers) {
            ends.add(hammer.awaitEnd(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()))));
        }
        return ends.stream().distinct().collect(Collectors.joining(" and "));
    }
}
