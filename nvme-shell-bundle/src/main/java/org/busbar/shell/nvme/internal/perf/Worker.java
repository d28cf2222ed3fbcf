package org.busbar.shell.nvme.internal.perf;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread with one queue, which it keeps full. From start to end nothing is allocated per request: tags index arrays,
 * memory is the queue's own, latencies go into a histogram of fixed size.
 */
final class Worker implements Runnable, BlockQueue.Completion {

    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    /** How long a device may leave everything unanswered; drivers give up on a command well before. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int NONE = -1;

    private final Plan plan;
    private final Control control;
    private final Tally tally = new Tally();
    private final Checker checker;
    private final Requests requests;
    private final @Nullable Ledger ledger;
    private final Plan.Slice slice;
    private final long unitBytes;
    private final boolean verify;
    private Addresses addresses;
    private MemorySegment buffer = MemorySegment.NULL;
    private Deadline patience = Deadline.after(PATIENCE);
    private long patientSince = System.nanoTime();
    private long left;
    private long now;
    /** The request that the device would not take yet: while it is reset it takes none. */
    private int held = NONE;
    private boolean measuring = true;
    private boolean gone;
    private volatile long startedAt;
    private volatile long endedAt;

    Worker(Plan plan, Control control, int thread, int run) {
        this.plan = plan;
        this.control = control;
        PerfOptions options = plan.options();
        verify = options.verify();
        unitBytes = options.requestBytes();
        left = plan.requestsPerThread();
        slice = plan.slice(thread);
        ledger = plan.remembers() ? new Ledger(slice) : null;
        requests = new Requests(options.depth());
        checker = new Checker(plan, run, tally);
        addresses = new PatternAddresses(
                options.pattern(), options.readPercent(), slice, ledger, Stamp.version(run, thread));
    }

    Tally tally() {
        return tally;
    }

    long startedAt() {
        return startedAt;
    }

    /** Returns when the last request of the measurement ended. */
    long endedAt() {
        return endedAt;
    }

    @Override
    public void run() {
        try (BlockQueue queue = plan.device().openQueue(queueOptions())) {
            buffer = queue.allocate(requests.depth() * unitBytes);
            if (control.awaitStart()) {
                measure(queue);
                readBack(queue);
            }
        } catch (BlockIOException | DeviceTimeoutException | DeviceGoneException | IllegalArgumentException e) {
            control.fail(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            control.fail("interrupted while requests were in flight");
        } catch (IllegalStateException e) { // the queue was closed under us, as a leaving driver may
            LOG.info("A load on {} ends early", plan.device().name(), e);
            control.fail(String.valueOf(e.getMessage()));
        } finally {
            tally.publish();
            control.ended();
        }
    }

    private QueueOptions queueOptions() {
        return QueueOptions.depth(requests.depth()).withWaiting(plan.options().waiting());
    }

    private void measure(BlockQueue queue) throws DeviceTimeoutException, InterruptedException {
        long cpu = THREADS.getCurrentThreadCpuTime();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        now = System.nanoTime();
        startedAt = now;
        endedAt = now;
        long end = plan.options().time().map(time -> now + time.toNanos()).orElse(now + Long.MAX_VALUE);
        try {
            while (left > 0 && now - end < 0 && !control.stopped() && fill(queue)) {
                reap(queue);
            }
            drain(queue);
        } finally {
            endedAt = now;
            tally.allocated(THREADS.getCurrentThreadAllocatedBytes() - allocated);
            tally.cpu(THREADS.getCurrentThreadCpuTime() - cpu);
            if (gone) {
                control.fail("the device is gone");
            }
        }
    }

    /** Reads once more what was written, outside of the measurement. */
    private void readBack(BlockQueue queue) throws DeviceTimeoutException, InterruptedException {
        if (ledger == null || control.stopped()) {
            return;
        }
        measuring = false;
        addresses = new ReadBack(ledger, slice);
        left = Long.MAX_VALUE;
        while (!control.stopped() && fill(queue) && (queue.inFlight() > 0 || held != NONE)) {
            reap(queue);
        }
        drain(queue);
        if (gone) {
            control.fail("the device is gone");
        }
    }

    private void drain(BlockQueue queue) throws DeviceTimeoutException, InterruptedException {
        letGo();
        while (queue.inFlight() > 0) {
            reap(queue);
        }
    }

    private void letGo() {
        if (held != NONE) {
            forget(held, false);
            held = NONE;
        }
    }

    /** Fills the queue, and returns whether the device is there to take more. */
    private boolean fill(BlockQueue queue) {
        try {
            while (held != NONE || (left > 0 && requests.hasFree() && addresses.advance())) {
                if (held == NONE) {
                    held = prepare(addresses.unit(), addresses.isWrite());
                }
                if (!begin(queue, held)) {
                    break;
                }
                held = NONE;
                left--;
                if (measuring) {
                    tally.accepted();
                }
            }
            queue.submit();
            return true;
        } catch (DeviceGoneException e) {
            gone = true;
            return false;
        }
    }

    private int prepare(long unit, boolean write) {
        int tag = requests.take();
        int generation = 0;
        if (ledger != null) {
            generation = write ? ledger.beginWrite(unit) : ledger.beginRead(unit);
        }
        if (write && verify) {
            checker.mark(buffer, tag * unitBytes, unit, generation);
        }
        requests.prepare(tag, unit, write, generation);
        return tag;
    }

    private boolean begin(BlockQueue queue, int tag) {
        requests.begin(tag, System.nanoTime());
        long block = plan.block(requests.unit(tag));
        long at = tag * unitBytes;
        return requests.isWrite(tag)
                ? queue.write(block, plan.blocksPerUnit(), buffer, at, tag)
                : queue.read(block, plan.blocksPerUnit(), buffer, at, tag);
    }

    /** Takes what has completed; if nothing has, waits for it as the queue was told to. */
    private void reap(BlockQueue queue) throws DeviceTimeoutException, InterruptedException {
        if (queue.poll(this, requests.depth()) > 0) {
            if (now - patientSince > PATIENCE.toNanos() / 2) {
                patientSince = now;
                patience = Deadline.after(PATIENCE);
            }
            if (measuring) {
                tally.publish();
            }
        } else if (queue.inFlight() > 0 || held != NONE) {
            now = System.nanoTime(); // here, where it costs nothing: there is nothing to do but to wait
            queue.await(patience);
        }
    }

    @Override
    public void completed(long tag, BlockStatus status) {
        int slot = (int) tag;
        boolean write = requests.isWrite(slot);
        long unit = requests.unit(slot);
        boolean done = status == BlockStatus.OK;
        now = System.nanoTime();
        if (measuring) {
            tally.completed(write, status, now - requests.startedAt(slot));
        }
        if (status == BlockStatus.GONE) {
            gone = true;
        }
        if (verify && done && !write && (ledger == null || requests.generation(slot) != 0)) {
            checker.check(buffer, slot * unitBytes, unit, requests.generation(slot));
        }
        if (!measuring && !done) {
            checker.unreadable(unit);
        }
        forget(slot, done);
    }

    private void forget(int tag, boolean done) {
        if (ledger != null) {
            if (requests.isWrite(tag)) {
                ledger.endWrite(requests.unit(tag), done);
            } else {
                ledger.endRead(requests.unit(tag));
            }
        }
        requests.release(tag);
    }
}
