package org.busbar.testkit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.Publication;
import org.busbar.device.bus.Keepable;

/** What the core does for one binding, without the core: the grant, and a record of what the driver did with it. Thread-safe. */
public final class TestContext implements DeviceContext {

    private static final long PROBE_MILLIS = 10_000;
    private static final long SHORTEST_PAUSE_NANOS = 1_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000;

    private final DeviceId id;
    private final Deadline probeDeadline = Deadline.afterMillis(PROBE_MILLIS);
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Runnable> onRevoked = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
    private final CountDownLatch revoked = new CountDownLatch(1);

    private final ConcurrentLinkedQueue<Object> published = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Map<String, Object>> properties = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger suspicions = new AtomicInteger();

    /** Makes the grant of a device. */
    public TestContext(DeviceId id) {
        this.id = id;
    }

    /** Returns the services that are published now, in the order of their publication. */
    public List<Object> published() {
        return List.copyOf(published);
    }

    /** Returns all service properties that were ever given, in order. */
    public List<Map<String, Object>> properties() {
        return List.copyOf(properties);
    }

    /** Returns what the driver reported by {@link #fail}. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Returns how often the driver suspected that the device is gone. */
    public int suspicions() {
        return suspicions.get();
    }

    /** Ends the grant, as the core does once the device is gone. */
    public void revoke() {
        List<Runnable> actions;
        lock.lock();
        try {
            if (isRevoked()) {
                return;
            }
            actions = List.copyOf(onRevoked);
            revoked.countDown();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }

    /** Returns what was given to the context last of those things that can be kept for a successor. */
    public Keepable keepable() {
        return owned.stream()
                .filter(Keepable.class::isInstance)
                .map(Keepable.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /**
     * Ends threads and releases what is owned, in reverse order.
     *
     * @throws AssertionError if a thread of the binding does not end
     */
    public void release() throws Exception {
        for (Thread thread : threads) {
            thread.interrupt();
        }
        for (Thread thread : threads) {
            if (!thread.join(Duration.ofSeconds(10))) {
                throw new AssertionError("a thread of the binding does not end: " + thread);
            }
        }
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
    }

    @Override
    public DeviceId id() {
        return id;
    }

    @Override
    public Deadline probeDeadline() {
        return probeDeadline;
    }

    @Override
    public boolean isRevoked() {
        return revoked.getCount() == 0;
    }

    @Override
    public void onRevoked(Runnable action) {
        lock.lock();
        try {
            if (!isRevoked()) {
                onRevoked.add(action);
                return;
            }
        } finally {
            lock.unlock();
        }
        action.run();
    }

    @Override
    public <S> Publication publish(Class<S> type, S service, Map<String, ?> serviceProperties) {
        published.add(service);
        properties.add(Map.copyOf(serviceProperties));
        return new Publication() {
            @Override
            public void update(Map<String, ?> newProperties) {
                properties.add(Map.copyOf(newProperties));
            }

            @Override
            public void close() {
                published.remove(service);
            }
        };
    }

    @Override
    public Executor executor() {
        return task -> threads.add(Thread.startVirtualThread(task));
    }

    @Override
    public void await(String what, BooleanSupplier condition, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        for (long pause = SHORTEST_PAUSE_NANOS;; pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS)) {
            if (isRevoked()) {
                throw new DeviceGoneException(id + " is gone");
            }
            if (condition.getAsBoolean()) {
                return;
            }
            long left = deadline.remainingNanos();
            if (left <= 0) {
                throw new DeviceTimeoutException("timed out waiting for " + what);
            }
            var _ = revoked.await(Math.min(pause, left), TimeUnit.NANOSECONDS); // the next round looks what it was
        }
    }

    @Override
    public <R extends AutoCloseable> R own(String what, R resource) {
        owned.push(resource);
        return resource;
    }

    @Override
    public void suspectGone(String why) {
        suspicions.incrementAndGet();
    }

    @Override
    public void fail(Throwable cause) {
        failures.add(cause);
    }
}
