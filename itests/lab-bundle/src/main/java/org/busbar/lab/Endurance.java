package org.busbar.lab;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.NetworkPort;
import org.busbar.net.PacketPool;
import org.busbar.net.PortQueue;
import org.busbar.net.PortQueueOptions;
import org.jspecify.annotations.Nullable;

/**
 * Traffic that outlives its ports: answers and sends on all queues of whichever port is at an address, out of one pool, and goes
 * on with the next when that one is gone.
 */
final class Endurance {

    private static final int TURN_MILLIS = 100;
    private static final int LOOK_MILLIS = 10;

    private final String address;
    private final int ip;
    private final NetworkPorts ports;
    private final PacketPool pool;
    private final List<String> troubles = new ArrayList<>();
    private final List<Long> perQueue = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Thread thread;
    private int served;
    private long answered;
    private long filled;
    private volatile boolean stop;

    Endurance(String address, int ip, NetworkPorts ports, PacketPool pool) {
        this.address = address;
        this.ip = ip;
        this.ports = ports;
        this.pool = pool;
        thread = Thread.ofPlatform().name("lab-endurance").daemon().unstarted(this::run);
        thread.start();
    }

    /** Waits until so many more requests have been answered. */
    String awaitAnswered(long more, long millis) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(millis);
        lock.lock();
        try {
            long target = answered + more;
            while (answered < target) {
                if (deadline.expired() || !troubles.isEmpty()) {
                    throw new IllegalStateException("only " + (more - target + answered) + " of " + more
                            + " requests were answered; " + report());
                }
                moved.awaitNanos(Math.min(deadline.remainingNanos(), TimeUnit.MILLISECONDS.toNanos(TURN_MILLIS)));
            }
            return report();
        } finally {
            lock.unlock();
        }
    }

    /** Ends it, and waits until every packet is in the pool again. */
    String finish(long millis) throws InterruptedException {
        stop = true;
        thread.join(millis);
        boolean back = await(() -> pool.available() == pool.size(), Deadline.afterMillis(millis));
        String report = report();
        if (thread.isAlive() || !back || !troubles.isEmpty()) {
            throw new IllegalStateException("unsound: " + report);
        }
        pool.close();
        return report;
    }

    /** Nobody tells that a packet has come back. */
    private boolean await(BooleanSupplier condition, Deadline deadline) throws InterruptedException {
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (deadline.expired()) {
                    return false;
                }
                moved.awaitNanos(Math.min(deadline.remainingNanos(), TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        NetworkPort last = null;
        try {
            while (!stop) {
                NetworkPort port = ports.awaitOther(address, last, Deadline.afterMillis(TURN_MILLIS));
                if (port != null) {
                    last = port;
                    serve(port);
                }
            }
        } catch (InterruptedException | RuntimeException e) {
            trouble(e);
        }
    }

    /** Serves all queues of a port, until it is gone or nobody wants any more. */
    private void serve(NetworkPort port) throws InterruptedException {
        List<Thread> workers = new ArrayList<>();
        try {
            for (int i = 0; i < port.queues(); i++) {
                PortQueue queue = port.openQueue(PortQueueOptions.DEFAULT.withPool(pool));
                EnduranceQueue work = new EnduranceQueue(queue, new Answers(port, ip), () -> stop, this::count);
                workers.add(Thread.ofPlatform().name("lab-endurance-" + i).daemon().start(() -> work(work)));
            }
            count(0, 0, 0, 0);
        } catch (DeviceGoneException e) {
            // The next port, please.
        } catch (IOException | RuntimeException e) {
            trouble(e);
        }
        lock.lock();
        try {
            served++;
        } finally {
            lock.unlock();
        }
        for (Thread worker : workers) {
            worker.join();
        }
    }

    private void work(EnduranceQueue queue) {
        try {
            queue.run();
        } catch (DeviceGoneException e) {
            // The next port, please.
        } catch (InterruptedException | RuntimeException e) {
            trouble(e);
        }
    }

    private void trouble(Exception e) {
        lock.lock();
        try {
            troubles.add(e.toString());
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void count(int queue, long received, long answers, long fillers) {
        lock.lock();
        try {
            while (perQueue.size() <= queue) {
                perQueue.add(0L);
            }
            perQueue.set(queue, perQueue.get(queue) + received);
            answered += answers;
            filled += fillers;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private String report() {
        lock.lock();
        try {
            @Nullable
            String wrong = troubles.isEmpty() ? null : "; " + troubles;
            return address + ": " + served + " ports served, received by queue " + perQueue + ", answered " + answered
                    + ", sent besides " + filled + ", " + pool.available() + " of " + pool.size()
                    + " packets in the pool"
                    + (wrong == null ? "" : wrong);
        } finally {
            lock.unlock();
        }
    }
}
