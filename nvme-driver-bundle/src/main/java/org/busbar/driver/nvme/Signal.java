package org.busbar.driver.nvme;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.busbar.pci.InterruptWaiter;
import org.jspecify.annotations.Nullable;

/**
 * Lets a queue's owner wait for the queue's interrupt: in the kernel, where the host can do that and the owner has a thread to
 * spare for it, otherwise until the vector's handler raises the signal. Raising is remembered until the next wait. {@link
 * #raise} is for any thread, the rest for the owner.
 */
final class Signal {

    private final Supplier<Optional<InterruptWaiter>> vector;
    private final AtomicBoolean pending = new AtomicBoolean();
    private volatile @Nullable Thread sleeper;
    private volatile @Nullable InterruptWaiter waiter;
    private boolean asked;

    /** @param vector takes the queue's vector from its handler; asked once, when the owner first waits */
    Signal(Supplier<Optional<InterruptWaiter>> vector) {
        this.vector = vector;
    }

    void raise() {
        pending.set(true);
        InterruptWaiter inKernel = waiter;
        if (inKernel != null) {
            inKernel.wake();
        }
        Thread asleep = sleeper;
        if (asleep != null) {
            LockSupport.unpark(asleep);
        }
    }

    /**
     * Waits until raised, at most so long; allocates nothing. In the kernel, the thread's interruption is noticed only after
     * that.
     */
    void await(long nanos) throws InterruptedException {
        InterruptWaiter inKernel = waiter();
        if (inKernel == null) {
            sleep(nanos);
        } else if (!pending.get() && !inKernel.await(nanos)) {
            waiter = null; // interrupts are off; from now on others raise
        }
        // Reads what it clears: what was done before it was raised is seen by whoever looks now.
        boolean _ = pending.getAndSet(false);
    }

    private void sleep(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        sleeper = Thread.currentThread();
        try {
            for (long left = nanos; !pending.get() && left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(this, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted while waiting for the interrupt of a queue");
                }
            }
        } finally {
            sleeper = null;
        }
    }

    private @Nullable InterruptWaiter waiter() {
        if (Thread.currentThread().isVirtual()) {
            close(); // its carrier is not to be occupied
        } else if (!asked) {
            asked = true;
            waiter = vector.get().orElse(null);
        }
        return waiter;
    }

    /** Leaves the vector to its handler. */
    void close() {
        asked = true;
        InterruptWaiter inKernel = waiter;
        if (inKernel != null) {
            waiter = null;
            inKernel.close();
        }
    }

    /** The longest that a waiter relies on the interrupt alone before it looks for itself. */
    static long patience(boolean hasInterrupt) {
        return hasInterrupt ? TimeUnit.MILLISECONDS.toNanos(50) : TimeUnit.MICROSECONDS.toNanos(50);
    }
}
