package org.busbar.core.internal.event;

import java.util.List;
import java.util.function.Consumer;
import org.busbar.device.DeviceEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Delivers events to one listener, in order. */
final class Follower implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

    private final EventLog log;
    private final Consumer<DeviceEvent> listener;
    private final Thread thread;
    private long next;
    private volatile boolean closed;

    Follower(EventLog log, String threadName, Consumer<DeviceEvent> listener, long from) {
        this.log = log;
        this.listener = listener;
        this.next = from;
        this.thread = Thread.ofVirtual().name(threadName).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed) {
                deliver(log.take(next, () -> !closed));
            }
        } catch (InterruptedException end) {
            LOG.debug("{} ends", thread.getName());
        }
    }

    private void deliver(List<DeviceEvent> events) {
        for (DeviceEvent event : events) {
            if (closed) {
                return;
            }
            if (event.sequence() > next) {
                LOG.warn(
                        "{} is too slow: it has missed {} events, from number {} on",
                        thread.getName(),
                        event.sequence() - next,
                        next);
            }
            next = event.sequence() + 1;
            try {
                listener.accept(event);
            } catch (Throwable failure) { // a listener is foreign code: it keeps its place, whatever it throws
                LOG.warn("{} failed on event {}", thread.getName(), event, failure);
            }
        }
    }

    /** Ends the delivery; an event that is being delivered is not waited for. */
    @Override
    public void close() {
        closed = true;
        log.wake();
    }
}
