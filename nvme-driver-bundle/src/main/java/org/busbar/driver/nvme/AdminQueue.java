package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeStatus;
import org.busbar.pci.DmaBuffer;

/** Runs admin commands (NVMe Base 1.4, section 5), one at a time. Thread-safe. */
final class AdminQueue {

    static final int ENTRIES = 32;
    private static final int NONE = -1;

    private final QueuePair pair;
    private final DmaBuffer data;
    private final DeviceContext context;
    private final Health health;
    private final ReentrantLock lock = new ReentrantLock();

    private int awaited = NONE;
    private boolean done;
    private int status;
    private int result;

    AdminQueue(QueuePair pair, DmaBuffer data, DeviceContext context, Health health) {
        this.pair = pair;
        this.data = data;
        this.context = context;
        this.health = health;
    }

    /** Has the controller fill a page (5.15), and returns a copy of it. */
    MemorySegment identify(int cns, int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        acquire(deadline);
        try {
            data.memory().fill((byte) 0);
            run("Identify (CNS " + cns + ")", Opcode.IDENTIFY, nsid, data.address(), cns, deadline);
            return MemorySegment.ofArray(data.memory().toArray(ValueLayout.JAVA_BYTE));
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs a command.
     *
     * @param what the command's name, for messages
     * @param cdw10and11 command dwords 10, low, and 11, high
     * @return the first word of the completion
     */
    int execute(String what, int opcode, int nsid, long prp1, long cdw10and11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        acquire(deadline);
        try {
            return run(what, opcode, nsid, prp1, cdw10and11, deadline);
        } finally {
            lock.unlock();
        }
    }

    private void acquire(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        if (!lock.tryLock(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS)) {
            throw new DeviceTimeoutException("timed out waiting for the admin queue");
        }
    }

    private int run(String what, int opcode, int nsid, long prp1, long cdw10and11, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int cid = pair.take();
        if (cid < 0) {
            throw new DeviceTimeoutException(
                    what + ": the controller has left " + pair.depth() + " admin commands unanswered");
        }
        awaited = cid;
        done = false;
        pair.write(cid, opcode, nsid, prp1, 0, cdw10and11, 0);
        pair.ring();
        try {
            context.await(what + " to complete", this::poll, deadline);
        } catch (DeviceTimeoutException e) {
            health.check();
            health.unresponsive(what + " was not answered in time");
            throw e;
        } finally {
            awaited = NONE;
        }
        if (status != 0) {
            throw new NvmeException(what, NvmeStatus.ofField(status));
        }
        return result;
    }

    private boolean poll() {
        boolean any = false;
        while (pair.next()) {
            any = true;
            int cid = pair.cid();
            if (!pair.isTaken(cid)) {
                health.unexpectedCompletion(pair.id(), cid);
                continue;
            }
            pair.give(cid);
            // A command that nobody waits for any more had timed out; its identifier is free again, that is all.
            if (cid == awaited) {
                status = pair.status();
                result = pair.result();
                done = true;
            }
        }
        if (any) {
            pair.acknowledge();
        }
        return done;
    }
}
