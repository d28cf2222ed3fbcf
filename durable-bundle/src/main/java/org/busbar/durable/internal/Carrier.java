package org.busbar.durable.internal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.durable.internal.IsolatedQueue.Line;

/**
 * The thread that calls a driver for an {@link IsolatedQueue}. When it does not come back from a call it is given up: nobody
 * waits for it, and nothing that it does later reaches the application.
 */
final class Carrier {

    /** How long it may take at most, while a request is waited for, until it looks for new ones. */
    private static final long LONGEST_WAIT_MILLIS = 2;

    private static final long LONGEST_REST = 100_000_000L;

    private final DurableVolume volume;
    private final Attachment driver;
    private final Path path;
    private final Requests requests;
    private final Line given;
    private final Line ended;
    private final int[] deviceStatuses;
    private final Changes news;
    private final Changes work = new Changes();
    private final Queue<Runnable> errands = new ConcurrentLinkedQueue<>();
    private final Taker taker = new Taker();
    private int inside;
    private volatile boolean closed;

    /** @param news told when something has ended */
    Carrier(DurableVolume volume, Attachment driver, Requests requests, Line given, Line ended, Changes news) {
        this.volume = volume;
        this.driver = driver;
        this.path = driver.path();
        this.requests = requests;
        this.given = given;
        this.ended = ended;
        this.news = news;
        this.deviceStatuses = new int[requests.depth()];
    }

    void start() {
        Thread.ofPlatform().daemon().name("busbar-volume-carrier-" + path).start(ThreadWorks.once(this::run));
    }

    /** For errands, which are run by this thread. */
    Attachment driver() {
        return driver;
    }

    /** Has something done between two calls, unless {@link #hasEnded}. */
    void run(Runnable errand) {
        errands.add(errand);
        wake();
    }

    /** There is something to do. */
    void wake() {
        work.signal();
    }

    int deviceStatus(int slot) {
        return deviceStatuses[slot];
    }

    /** Gives the path's queue back. */
    void end() {
        closed = true;
        wake();
    }

    /** Whether it runs no more errands, and may have left some, and one that it is at may never end. */
    boolean hasEnded() {
        return closed;
    }

    private void run() {
        try {
            while (!closed && !path.isCondemned()) {
                long seen = work.count();
                boolean busy = runErrands();
                busy |= give();
                busy |= take();
                if (!busy) {
                    rest(seen);
                }
            }
        } catch (InterruptedException nobodys) {
            volume.fault(path, "its driver has interrupted the thread that calls it");
        } catch (RuntimeException | Error e) { // arguments, say, that were none: nobody else would hear of it
            volume.fault(path, DriverFault.words("a call of its queue", e));
        } finally {
            closed = true;
            driver.close();
        }
    }

    private boolean runErrands() {
        Runnable errand = errands.poll();
        if (errand == null) {
            return false;
        }
        driver.pulse().enter();
        try {
            errand.run();
        } finally {
            driver.pulse().leave();
        }
        return true;
    }

    private boolean give() {
        boolean any = false;
        while (!given.isEmpty()) {
            int slot = given.first();
            BlockStatus refused = BlockStatus.OK;
            try {
                if (!driver.send(requests, slot)) {
                    break;
                }
                inside++;
            } catch (IllegalArgumentException e) {
                refused = BlockStatus.OUT_OF_RANGE;
            } catch (UnsupportedOperationException e) {
                refused = BlockStatus.NOT_SUPPORTED;
            } catch (DeviceGoneException e) {
                if (path.isCondemned()) {
                    return true; // it may have been taken: what becomes of it is known when the path is over
                }
                volume.gone(path);
                refused = BlockStatus.GONE;
            }
            given.takeFirst();
            any = true;
            if (refused != BlockStatus.OK) {
                ended(slot, refused, -1);
            }
        }
        if (any) {
            try {
                driver.submit();
            } catch (DeviceGoneException e) {
                volume.gone(path);
            }
            tell();
        }
        return any;
    }

    private boolean take() {
        taker.count = 0;
        try {
            driver.poll(taker, requests.depth());
        } catch (DeviceGoneException e) {
            volume.gone(path);
        }
        if (taker.count > 0) {
            tell();
        }
        return taker.count > 0;
    }

    private void ended(int slot, BlockStatus status, int deviceStatus) {
        requests.ending(slot, status);
        deviceStatuses[slot] = deviceStatus;
        ended.put(slot);
    }

    private void tell() {
        ended.show();
        news.signal();
    }

    private void rest(long seen) throws InterruptedException {
        if (inside == 0 && given.isEmpty()) {
            work.await(seen, LONGEST_REST);
            return;
        }
        try {
            driver.await(Deadline.afterMillis(LONGEST_WAIT_MILLIS));
        } catch (DeviceTimeoutException e) {
            return; // there may be more to give
        } catch (DeviceGoneException e) {
            volume.gone(path);
            work.await(seen, LONGEST_REST);
        }
    }

    /** Takes what the driver reports. */
    private final class Taker implements Attachment.Taker {

        private int count;

        @Override
        public boolean hasThrown(Throwable thrown) {
            return false;
        }

        @Override
        public void completed(long tag, BlockStatus status) {
            completed(tag, status, -1);
        }

        @Override
        public void completed(long tag, BlockStatus status, int deviceStatus) {
            int slot = requests.sent(tag);
            if (slot != Requests.NONE) {
                inside--;
                count++;
                ended(slot, status, deviceStatus);
            }
        }
    }
}
