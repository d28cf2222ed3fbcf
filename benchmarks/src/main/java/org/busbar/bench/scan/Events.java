package org.busbar.bench.scan;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceEvent;
import org.busbar.pci.PciBus;

/** Waits for the bus to say that a device is bound. */
final class Events implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<DeviceEvent> bound = new LinkedBlockingQueue<>();
    private final AutoCloseable follower;

    Events(PciBus bus) {
        follower = bus.follow(event -> {
            if (event.kind() == DeviceEvent.Kind.BOUND) {
                bound.add(event);
            }
        });
    }

    /** Waits until the next binding is known to a listener of events. */
    void awaitBound() throws InterruptedException {
        if (bound.poll(PATIENCE_SECONDS, TimeUnit.SECONDS) == null) {
            throw new IllegalStateException("nothing was bound within " + PATIENCE_SECONDS + " s");
        }
    }

    /** Expects that nothing was bound that was not waited for. */
    void expectNoMore() {
        if (!bound.isEmpty()) {
            throw new IllegalStateException("bound more often than once: " + bound);
        }
    }

    @Override
    public void close() {
        try {
            follower.close();
        } catch (Exception e) { // as AutoCloseable says; the bus's own throws none
            throw new IllegalStateException("events cannot be unsubscribed from", e);
        }
    }
}
