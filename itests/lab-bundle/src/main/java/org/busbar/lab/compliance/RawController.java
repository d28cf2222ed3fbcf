package org.busbar.lab.compliance;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;

/**
 * A controller reached by its registers (section 3.1) and its admin queues alone. Nothing of what is asked is checked here: the
 * controller is to do that. Polls; thread-safe by being locked as a whole, so that one case at a time runs.
 */
final class RawController implements DriverBinding {

    private static final long CAP = 0x00;
    private static final long CC = 0x14;
    private static final long CSTS = 0x1c;
    private static final long AQA = 0x24;
    private static final long ASQ = 0x28;
    private static final long ACQ = 0x30;
    private static final long DOORBELLS = 0x1000;
    private static final int ENABLE = 6 << 16 | 4 << 20 | 1;
    private static final int SHUTDOWN = 1 << 14;
    private static final int ADMIN_ENTRIES = 32;
    private static final long MILLIS = 20_000;

    private final PciDeviceContext context;
    private final Bar bar;
    private final long cap;
    private final List<DmaBuffer> buffers = new ArrayList<>();
    private final Map<Integer, Completion> early = new HashMap<>();
    private Ring submission;
    private Ring completion;
    private int nextCid;

    RawController(PciDeviceContext context, Bar bar) throws DmaException {
        this.context = context;
        this.bar = bar;
        this.cap = bar.read64(CAP);
        this.submission = adminRing(0);
        this.completion = adminRing(1);
    }

    String address() {
        return context.device().address().toString();
    }

    private Ring adminRing(int doorbell) throws DmaException {
        return new Ring(bar, doorbell(doorbell), allocate(4096), ADMIN_ENTRIES);
    }

    /** Memory that lives until the next {@link #restart}. */
    DmaBuffer allocate(long bytes) throws DmaException {
        DmaBuffer buffer = context.dma().allocate(bytes);
        buffers.add(buffer);
        return buffer;
    }

    /** Resets the controller and starts it with fresh admin queues, of which it knows nothing but them (section 7.6.1). */
    void restart() throws DmaException, DeviceTimeoutException, InterruptedException {
        bar.write32(CC, 0);
        awaitReady(false);
        buffers.forEach(DmaBuffer::close);
        buffers.clear();
        early.clear();
        submission = adminRing(0);
        completion = adminRing(1);
        bar.write32(AQA, (ADMIN_ENTRIES - 1) << 16 | (ADMIN_ENTRIES - 1));
        bar.write64(ASQ, submission.address());
        bar.write64(ACQ, completion.address());
        bar.write32(CC, ENABLE);
        awaitReady(true);
    }

    private void awaitReady(boolean wanted) throws DeviceTimeoutException, InterruptedException {
        await("CSTS.RDY to be " + wanted, () -> ((bar.read32(CSTS) & 1) != 0) == wanted);
    }

    private void await(String what, java.util.function.BooleanSupplier condition)
            throws DeviceTimeoutException, InterruptedException {
        context.await(what, condition, Deadline.afterMillis(MILLIS));
    }

    /** Notifies the controller of a shutdown (section 7.6.2) and waits until it is done with it. */
    void shutDown() throws DeviceTimeoutException, InterruptedException {
        bar.write32(CC, ENABLE | SHUTDOWN);
        await("CSTS.SHST to be 2", () -> (bar.read32(CSTS) >>> 2 & 3) == 2);
    }

    /** CAP.MQES, counted from one: the most entries that a queue may have. */
    int maxEntries() {
        return (int) (cap & 0xffff) + 1;
    }

    /** CAP.CQR: queues have to be in contiguous memory. */
    boolean isContiguousRequired() {
        return (cap >>> 16 & 1) != 0;
    }

    /** Offset of doorbell {@code number} (section 3.1.24): twice the queue, and one more for a completion queue. */
    long doorbell(int number) {
        return DOORBELLS + ((long) number << (2 + (cap >>> 32 & 0xf)));
    }

    void ring(int doorbell, int value) {
        bar.write32(doorbell(doorbell), value);
    }

    /** Makes a queue's memory; the controller does not know of it. */
    Ring newRing(int doorbell, int entries, int entryBytes) throws DmaException {
        return new Ring(bar, doorbell(doorbell), allocate((long) entries * entryBytes), entries);
    }

    /** Submits an admin command and returns its identifier. */
    int submit(Command command) {
        int cid = nextCid++ & 0x7fff;
        submission.submit(command, cid);
        return cid;
    }

    /** Runs an admin command. */
    Completion admin(Command command) throws DeviceTimeoutException, InterruptedException {
        return await(submit(command));
    }

    /** Waits for the completion of an admin command. */
    Completion await(int cid) throws DeviceTimeoutException, InterruptedException {
        await("the completion of admin command " + cid, () -> isDone(cid));
        Completion done = early.remove(cid);
        if (done == null) {
            throw new IllegalStateException("completion " + cid + " is taken already");
        }
        return done;
    }

    /** Whether an admin command has been completed. */
    boolean isDone(int cid) {
        for (Optional<Completion> next = completion.next(); next.isPresent(); next = completion.next()) {
            early.put(next.get().cid(), next.get());
        }
        return early.containsKey(cid);
    }

    /** Waits for the next completion in a queue of its own. */
    Completion await(Ring queue) throws DeviceTimeoutException, InterruptedException {
        List<Completion> taken = new ArrayList<>();
        await("a completion", () -> {
            queue.next().ifPresent(taken::add);
            return !taken.isEmpty();
        });
        return taken.getFirst();
    }

    @Override
    public void quiesce(Deadline deadline) {
        // Cases end with the commands that they submit; there is nothing else to wait for.
    }

    @Override
    public void close(RemovalReason reason) throws DeviceTimeoutException, InterruptedException {
        if (!reason.isSurprise()) {
            bar.write32(CC, 0);
            awaitReady(false);
        }
    }
}
