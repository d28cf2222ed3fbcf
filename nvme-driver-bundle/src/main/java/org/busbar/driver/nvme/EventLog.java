package org.busbar.driver.nvme;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeEventListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest events of a controller, and the way of new ones to the log and to listeners. Thread-safe. */
final class EventLog {

    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    private static final int KEPT = 256;
    private static final long IDLE_MILLIS = 60_000;

    private final String controller;
    private final Supplier<List<NvmeEventListener>> listeners;
    private final TaskThread dispatcher;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<NvmeEvent> events = new ArrayDeque<>();

    EventLog(String controller, Supplier<List<NvmeEventListener>> listeners) {
        this.controller = controller;
        this.listeners = listeners;
        this.dispatcher = new TaskThread(controller + " events", KEPT, this::crashed);
    }

    void start(Executor executor) {
        dispatcher.start(executor, IDLE_MILLIS, () -> {});
    }

    void add(NvmeEvent.Kind kind, int nsid, String text) {
        NvmeEvent event = new NvmeEvent(Instant.now(), controller, kind, nsid, text);
        switch (kind) {
            case HEALTH, ERROR, RESET_STARTED, ABORT -> LOG.warn("{}: {}: {}", controller, kind, text);
            case RESET_FAILED -> LOG.error("{}: {}: {}", controller, kind, text);
            default -> LOG.info("{}: {}: {}", controller, kind, text);
        }
        lock.lock();
        try {
            if (events.size() == KEPT) {
                events.removeFirst();
            }
            events.addLast(event);
        } finally {
            lock.unlock();
        }
        dispatcher.post(() -> dispatch(event));
    }

    List<NvmeEvent> latest() {
        lock.lock();
        try {
            return List.copyOf(events);
        } finally {
            lock.unlock();
        }
    }

    private void dispatch(NvmeEvent event) {
        for (NvmeEventListener listener : listeners.get()) {
            try {
                listener.nvmeEvent(event);
            } catch (RuntimeException e) { // foreign code: it must not keep the others from hearing
                LOG.warn("{}: a listener failed on {}", controller, event, e);
            }
        }
    }

    private void crashed(RuntimeException e) {
        LOG.error("{}: an event could not be delivered", controller, e);
    }
}
