package org.busbar.driver.nvme;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;

/** Notices that the controller is gone or has failed. Thread-safe. */
final class Health {

    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(50);

    private final DeviceContext context;
    private final Registers registers;
    private final AtomicBoolean reported = new AtomicBoolean();
    private final AtomicLong strays = new AtomicLong();
    private volatile Consumer<String> failed;
    private volatile BooleanSupplier inUse = () -> false;
    private volatile long nextCheck = System.nanoTime();

    Health(DeviceContext context, Registers registers) {
        this.context = context;
        this.registers = registers;
        this.failed = this::fail;
    }

    private void fail(String why) {
        if (reported.compareAndSet(false, true)) {
            context.fail(new IllegalStateException(why));
        }
    }

    /**
     * Says who is told why the controller has to be reset. Until then the binding fails.
     *
     * @param isUp whether the controller is in use, and not just being started or reset
     */
    void onFailure(Consumer<String> action, BooleanSupplier isUp) {
        failed = action;
        inUse = isUp;
    }

    /** The same as {@link #check} while the controller is in use, for those who wait for it, and not too often. */
    void checkNowAndThen() {
        long now = System.nanoTime();
        if (now - nextCheck >= 0 && inUse.getAsBoolean()) {
            nextCheck = now + INTERVAL;
            check();
        }
    }

    /** Looks at the controller's registers. To be called when something takes longer than usual. */
    void check() {
        try {
            if (registers.looksGone()) {
                context.suspectGone("the registers do not answer");
            } else if (registers.failed()) {
                failed.accept("the controller reports a fatal status (CSTS.CFS)");
            }
        } catch (DeviceGoneException e) {
            // Revoked: the core knows. Otherwise an access has faulted, and the core does not know yet.
            if (!context.isRevoked()) {
                context.suspectGone("the registers cannot be reached");
            }
        }
    }

    /** A completion names a command that is not in flight: nothing that the controller says can be trusted any more. */
    void unexpectedCompletion(int queue, int cid) {
        strays.incrementAndGet();
        failed.accept("queue " + queue + " completed command " + cid + ", which is not in flight");
    }

    /** Commands stay unanswered far beyond their time. */
    void unresponsive(String what) {
        failed.accept(what);
    }

    /** How many completions were for no command in flight. */
    long strays() {
        return strays.get();
    }
}
