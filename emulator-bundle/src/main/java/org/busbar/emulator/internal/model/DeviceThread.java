package org.busbar.emulator.internal.model;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of a device. Calls {@link DeviceModel#work} while there is something to do; then looks out for wake-ups for
 * a short while, because under load the next one is microseconds away and waking a parked thread costs more than that;
 * then parks. How long it looks out follows from how often that paid off, so that an idle device costs nothing.
 */
final class DeviceThread {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceThread.class);
    private static final long SPIN_MIN = 2_000;
    private static final long SPIN_MAX = 50_000;

    private final DeviceModel model;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition resetDone = lock.newCondition();

    // Wake-up protocol: the waker stores signalled, then reads parked; the thread stores parked, then reads signalled.
    // Both are volatile, so at least one of them sees the other.
    private volatile boolean signalled;
    private volatile boolean parked;
    private volatile boolean stopping;
    private volatile long resetsWanted;
    private long resetsDone;
    private long spin = SPIN_MAX;
    private volatile @Nullable Throwable crash;

    DeviceThread(String name, DeviceModel model) {
        this.model = model;
        thread = CardThread.unstarted(name, this::run);
    }

    void start() {
        thread.start();
    }

    void wake() {
        signalled = true;
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    boolean stop(Deadline deadline) {
        stopping = true;
        wake();
        boolean interrupted = false;
        while (thread.isAlive() && !deadline.expired()) {
            try {
                thread.join(deadline.remaining());
            } catch (InterruptedException e) {
                // A card that has been pulled is gone whoever is interrupted: finish, then pass it on.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    void startReset() {
        requestReset();
    }

    boolean reset(Deadline deadline) throws InterruptedException {
        long wanted = requestReset();
        lock.lock();
        try {
            while (resetsDone < wanted) {
                if (stopping || !resetDone.await(deadline.remainingNanos(), TimeUnit.NANOSECONDS)) {
                    return resetsDone >= wanted;
                }
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    Throwable crash() {
        return crash;
    }

    private long requestReset() {
        long wanted;
        lock.lock();
        try {
            wanted = resetsWanted + 1;
            resetsWanted = wanted;
        } finally {
            lock.unlock();
        }
        wake();
        return wanted;
    }

    private void run() {
        try {
            while (!stopping) {
                signalled = false;
                carryOutReset();
                long pause = model.work();
                if (pause > 0 && !signalled && !stopping) {
                    await(pause);
                }
            }
        } catch (RuntimeException | Error e) {
            // Not hidden: the device is dead and says so, as a card with crashed firmware does.
            crash = e;
            LOG.error("The model behind {} has crashed; the card does nothing any more", thread.getName(), e);
            awaitStop();
        } finally {
            releaseResetters();
            model.unplugged();
        }
    }

    private void carryOutReset() {
        long wanted = resetsWanted;
        if (wanted == resetsDone || model.stuckReset()) {
            return;
        }
        model.reset();
        lock.lock();
        try {
            resetsDone = wanted;
            resetDone.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void await(long pause) {
        long start = System.nanoTime();
        long look = Math.min(spin, pause);
        while (System.nanoTime() - start < look) {
            if (signalled) {
                spin = Math.min(SPIN_MAX, spin * 2);
                return;
            }
            Thread.onSpinWait();
        }
        parked = true;
        try {
            while (!signalled && !stopping) {
                long elapsed = System.nanoTime() - start;
                if (pause == DeviceModel.IDLE) {
                    LockSupport.park(this);
                } else if (elapsed < pause) {
                    LockSupport.parkNanos(this, pause - elapsed);
                } else {
                    break;
                }
            }
        } finally {
            parked = false;
        }
        // Parked for less than a look-out may last: looking out longer would have paid off.
        spin = System.nanoTime() - start < 2 * SPIN_MAX ? Math.min(SPIN_MAX, spin * 4) : Math.max(SPIN_MIN, spin / 2);
    }

    private void awaitStop() {
        while (!stopping) {
            parked = true;
            if (!stopping) {
                LockSupport.park(this);
            }
        }
    }

    private void releaseResetters() {
        lock.lock();
        try {
            stopping = true;
            resetDone.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
