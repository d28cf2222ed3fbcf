package org.busbar.core.internal.event;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.jspecify.annotations.Nullable;

/**
 * The latest events of a bus, in a ring. Followers read the ring at their own pace, each on a thread of its own: one that
 * falls behind by more than the ring holds loses the oldest events, and that is logged; nobody ever waits for it.
 */
public final class EventLog {

    /** How many events are kept. */
    public static final int CAPACITY = 10_000;

    private final Supplier<Instant> clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final @Nullable DeviceEvent[] ring = new DeviceEvent[CAPACITY];
    private long last;

    /** Creates an empty log; the clock gives events their times. */
    public EventLog(Supplier<Instant> clock) {
        this.clock = clock;
    }

    /** Adds an event. Never waits for followers. */
    public void add(DeviceEvent.Kind kind, @Nullable DeviceId device, @Nullable String driver, String text) {
        Instant now = clock.get();
        lock.lock();
        try {
            last++;
            ring[slot(last)] = new DeviceEvent(last, now, kind, device, driver, text);
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns what is kept, oldest first. */
    public List<DeviceEvent> history() {
        lock.lock();
        try {
            return range(first(), last);
        } finally {
            lock.unlock();
        }
    }

    /** Has all events from now on delivered to a listener, on a thread of its own, until the handle is closed. */
    public AutoCloseable follow(String threadName, Consumer<DeviceEvent> listener) {
        long from;
        lock.lock();
        try {
            from = last + 1;
        } finally {
            lock.unlock();
        }
        Follower follower = new Follower(this, threadName, listener, from);
        follower.start();
        return follower;
    }

    /** Waits for events from the given number on. Returns those that are kept; empty once no more are wanted. */
    List<DeviceEvent> take(long from, BooleanSupplier wanted) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (last < from) {
                if (!wanted.getAsBoolean()) {
                    return List.of();
                }
                added.await();
            }
            return range(Math.max(from, first()), last);
        } finally {
            lock.unlock();
        }
    }

    /** Has waiting followers ask again whether they are wanted. */
    void wake() {
        lock.lock();
        try {
            added.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private long first() {
        return Math.max(1, last - CAPACITY + 1);
    }

    private List<DeviceEvent> range(long from, long to) {
        List<DeviceEvent> events = new ArrayList<>((int) (to - from + 1));
        for (long sequence = from; sequence <= to; sequence++) {
            DeviceEvent event = ring[slot(sequence)];
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private static int slot(long sequence) {
        return (int) (sequence % CAPACITY);
    }
}
