package org.busbar.driver.nic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.Publication;

/** What the core does for one binding, without the core. */
final class TestContext implements DeviceContext {

    private static final long PROBE_MILLIS = 10_000;

    private final DeviceId id;
    private final Deadline probeDeadline = Deadline.afterMillis(PROBE_MILLIS);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Runnable> onRevoked = new ArrayList<>();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();
    private volatile boolean revoked;

    final ConcurrentLinkedQueue<Object> published = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Map<String, ?>> properties = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    final AtomicInteger suspicions = new AtomicInteger();

    TestContext(DeviceId id) {
        this.id = id;
    }

    /** Ends the grant, as the core does once the device is gone. */
    void revoke() {
        List<Runnable> actions;
        lock.lock();
        try {
            if (revoked) {
                return;
            }
            revoked = true;
            actions = List.copyOf(onRevoked);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        actions.forEach(Runnable::run);
    }

    /** Ends threads and releases what is owned, in reverse order. */
    void release() throws Exception {
        for (Thread thread : threads) {
            thread.interrupt();
        }
        for (Thread thread : threads) {
            if (!thread.join(java.time.Duration.ofSeconds(10))) {
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
        return revoked;
    }

    @Override
    public void onRevoked(Runnable action) {
        lock.lock();
        try {
            if (!revoked) {
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
        properties.add(serviceProperties);
        return new Publication() {
            @Override
            public void update(Map<String, ?> newProperties) {
                properties.add(newProperties);
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
        lock.lockInterruptibly();
        try {
            for (long pause = 1_000;; pause = Math.min(2 * pause, 1_000_000)) {
                if (revoked) {
                    throw new DeviceGoneException(id + " is gone");
                }
                if (condition.getAsBoolean()) {
                    return;
                }
                if (deadline.expired()) {
                    throw new DeviceTimeoutException("timed out waiting for " + what);
                }
                boolean ignored = changed.await(pause, TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
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
