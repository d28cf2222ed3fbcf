package org.busbar.itest.felix;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.device.DeviceGoneException;
import org.busbar.itest.felix.control.Traffic;

/** An application that does the same over and over, on a thread of its own, until it is closed or something fails. */
abstract class Load implements AutoCloseable {

    private final String name;
    private final Thread thread;
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicReference<Throwable> end = new AtomicReference<>();
    private volatile boolean closing;

    Load(String name) {
        this.name = name;
        thread = LoadThread.unstarted("load on " + name, this::run);
    }

    /** Does it once. Whatever it throws ends the load. */
    abstract void round() throws Exception;

    /** Gives back what the load has, after the last round and on its thread. */
    void finish() {}

    /** Starts it, and waits until it goes well. */
    final void begin() throws InterruptedException {
        thread.start();
        boolean well = false;
        try {
            awaitProgress();
            well = true;
        } finally {
            if (!well) {
                abandon();
            }
        }
    }

    private void run() {
        Traffic.outsider();
        try {
            while (!closing) {
                round();
                rounds.incrementAndGet();
            }
        } catch (Exception | AssertionError e) {
            end.set(e);
        }
        try {
            finish();
        } catch (RuntimeException e) {
            end.compareAndSet(null, e);
        }
    }

    /** Returns how often it has gone well. */
    final long rounds() {
        return rounds.get();
    }

    /** Whether it has ended because something failed. */
    final boolean failed() {
        return end.get() != null;
    }

    /** Waits until two rounds have gone well of which one began after this call. */
    final void awaitProgress() {
        awaitRounds(2);
    }

    private void awaitRounds(int more) {
        long goal = rounds.get() + more;
        Eventually.await("progress on " + name, () -> rounds.get() >= goal || failed(), this::stack);
        if (failed()) {
            throw new AssertionError("the load on " + name + " has ended", end.get());
        }
    }

    /** Waits until the device has gone under this load, and no other failure has been seen. */
    final void awaitGone() {
        Eventually.await("the load on " + name + " to end", this::failed, this::stack);
        if (!isGone(end.get())) {
            throw new AssertionError("the load on " + name + " should have ended with DeviceGoneException", end.get());
        }
    }

    private static boolean isGone(Throwable why) {
        return why instanceof DeviceGoneException
                || why instanceof BlockIOException e && e.status() == BlockStatus.GONE;
    }

    /** Ends it, however it has gone. */
    final void abandon() throws InterruptedException {
        closing = true;
        thread.join(Eventually.LIMIT);
        if (thread.isAlive()) {
            throw new AssertionError("the load on " + name + " does not end: " + stack());
        }
    }

    /** Ends it, and fails if something has failed other than that the device went. */
    @Override
    public final void close() throws InterruptedException {
        abandon();
        if (failed() && !(end.get() instanceof DeviceGoneException)) {
            throw new AssertionError("the load on " + name + " failed", end.get());
        }
    }

    private String stack() {
        StringBuilder text = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace()) {
            text.append("\n    ").append(element);
        }
        return text.toString();
    }
}
