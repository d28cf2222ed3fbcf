package org.busbar.driver.nvme;

import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/** Creates and deletes I/O queue pairs (NVMe Base 1.4, sections 5.3 to 5.6), and leads interrupts to them. Thread-safe. */
final class IoQueues {

    /**
     * Entries of a completion ring, if the controller allows so many: then it need not be acknowledged entry by entry,
     * and a register write for each is saved. 64 are a quarter of a page.
     */
    private static final int MIN_COMPLETIONS = 64;

    /** Invalid Queue Identifier (5.4.1). */
    private static final int INVALID_QUEUE = 0x101;

    private static final long UNDO_MILLIS = 5_000;

    private final AdminQueue admin;
    private final Registers registers;
    private final Dma dma;
    private final int granted;
    private final AtomicReferenceArray<@Nullable Runnable> handlers;
    private final DoorbellBuffers doorbells;
    private final BitSet used = new BitSet();
    /** What has to be done with pairs of which nobody knows whether the controller still has them. */
    private final Queue<Runnable> afterReset = new ConcurrentLinkedQueue<>();

    /**
     * @param granted how many pairs the controller lets us have; their identifiers run from 1
     * @param vectors how many interrupt vectors are enabled; vector n belongs to pair n, 0 to the admin queue
     */
    IoQueues(AdminQueue admin, Registers registers, Dma dma, int granted, int vectors) {
        this.admin = admin;
        this.registers = registers;
        this.dma = dma;
        this.granted = granted;
        this.handlers = new AtomicReferenceArray<>(vectors);
        this.doorbells = new DoorbellBuffers(registers);
    }

    /** Has the controller look for doorbells in memory, if it can: after each start, before queues are created. */
    void shareDoorbells(IoSupport io, Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        if (io.hasDoorbellBuffers()) {
            doorbells.configure(admin, dma, granted, deadline);
        } else {
            doorbells.none();
        }
    }

    /** Goes on with doorbells as a predecessor has left them, with the controller looking into the pages or not. */
    void inheritDoorbells(@Nullable Transfer pages) {
        if (pages == null) {
            doorbells.none();
        } else {
            doorbells.inherit(pages);
        }
    }

    boolean sharesDoorbells() {
        return doorbells.areShared();
    }

    /** Whether nothing stands against leaving the controller as it is: it certainly has no memory but what we know of. */
    boolean areCertain() {
        return afterReset.isEmpty() && doorbells.isCertain();
    }

    /**
     * Has the controller delete all queues, and nobody create any: for a controller that is handed over. Whoever has them keeps
     * their memory until the binding ends.
     */
    void deleteAll(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        int[] ids;
        synchronized (this) {
            ids = used.stream().toArray();
            used.set(1, granted + 1);
        }
        for (int id : ids) {
            delete("Delete I/O Submission Queue", Opcode.DELETE_IO_SQ, id, deadline);
            delete("Delete I/O Completion Queue", Opcode.DELETE_IO_CQ, id, deadline);
        }
    }

    int granted() {
        return granted;
    }

    /** How many pairs exist. */
    synchronized int open() {
        return used.cardinality();
    }

    /** How many interrupt vectors are in use. */
    int vectors() {
        return handlers.length();
    }

    /** Has something called for the admin queue's interrupts. */
    void onAdminInterrupt(Runnable action) {
        if (hasVector(0)) {
            handlers.set(0, action);
        }
    }

    /** Whether a pair's interrupts reach somebody. */
    boolean hasInterrupt(int id) {
        return hasVector(id) && handlers.get(id) != null;
    }

    private boolean hasVector(int id) {
        return id < handlers.length();
    }

    /** Takes an interrupt. */
    void interrupt(int vector) {
        Runnable handler = handlers.get(vector);
        if (handler != null) {
            handler.run();
        }
    }

    /** Has everybody who waits for an interrupt look again. */
    void wakeAll() {
        for (int vector = 0; vector < handlers.length(); vector++) {
            interrupt(vector);
        }
    }

    /**
     * Creates a pair. An interrupt is seen only after it.
     *
     * @param onInterrupt called for the pair's interrupts; if null it has none
     * @throws NvmeException if the controller refuses
     * @throws DmaException if there is no memory for it, or no queue left
     */
    QueuePair create(int entries, @Nullable Runnable onInterrupt, Deadline deadline)
            throws NvmeException, DmaException, DeviceTimeoutException, InterruptedException {
        QueuePair pair = allocate(takeId(), entries);
        if (hasVector(pair.id())) {
            handlers.set(pair.id(), onInterrupt);
        }
        establish(pair, deadline, admin::runWhole, () -> forget(pair));
        return pair;
    }

    /**
     * Creates a pair of a controller that has been reset anew: same identifier, same slots and interrupt, other rings.
     *
     * @throws NvmeException if the controller refuses
     * @throws DmaException if there is no memory for it
     */
    QueuePair recreate(QueuePair old, Deadline deadline)
            throws NvmeException, DmaException, DeviceTimeoutException, InterruptedException {
        QueuePair pair = rings(old.id(), old.entries(), old.completionEntries(), old.slots());
        establish(pair, deadline, admin::run, pair::release); // the identifier stays the old pair's
        return pair;
    }

    /** A way to run a command whose PRP entry 1 is memory that stays the controller's. */
    @FunctionalInterface
    private interface Runner {
        int run(String what, NvmeCommand command, long prp1, Deadline deadline)
                throws NvmeException, DeviceTimeoutException, InterruptedException;
    }

    /**
     * Has the controller create the pair's queues.
     *
     * @param undo what to do if the controller does not have the pair. Only a refusal says so: after a time-out the
     *     command may still be carried out, so that memory and identifier stay taken until a reset
     */
    private void establish(QueuePair pair, Deadline deadline, Runner runner, Runnable undo)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        boolean half = false;
        boolean certain = false;
        try {
            createCompletionQueue(pair, deadline, runner);
            half = true;
            createSubmissionQueue(pair, deadline, runner);
            certain = true;
        } catch (NvmeException refused) {
            certain = !half || undoCompletionQueue(pair, refused);
            if (certain) {
                undo.run();
            }
            throw refused;
        } finally {
            if (!certain) {
                afterReset.add(undo);
            }
        }
    }

    private QueuePair allocate(int id, int entries) throws DmaException {
        int completions = Math.min(registers.maxQueueEntries(), Math.max(entries, MIN_COMPLETIONS));
        try {
            return rings(id, entries, completions, new Identifiers(entries - 1));
        } catch (DmaException e) {
            giveId(id);
            throw e;
        }
    }

    private QueuePair rings(int id, int entries, int completions, Identifiers slots) throws DmaException {
        DmaBuffer submission = dma.allocate((long) entries * QueuePair.SQE);
        DmaBuffer completion;
        try {
            completion = dma.allocate((long) completions * QueuePair.CQE);
        } catch (DmaException e) {
            submission.close();
            throw e;
        }
        return new QueuePair(
                id,
                entries,
                completions,
                submission,
                completion,
                doorbells.submission(id),
                doorbells.completion(id),
                slots);
    }

    /** Asks for the abort of a command (5.1), as {@link Watch.Aborter} says. */
    boolean abort(int queue, int identifier) {
        return admin.aborts().abort(queue, identifier);
    }

    /** Returns whether the controller certainly does not have the queue. */
    private boolean undoCompletionQueue(QueuePair pair, NvmeException refused) throws InterruptedException {
        try {
            delete("Delete I/O Completion Queue", Opcode.DELETE_IO_CQ, pair.id(), Deadline.afterMillis(UNDO_MILLIS));
            return true;
        } catch (NvmeException | DeviceTimeoutException e) {
            refused.addSuppressed(e);
            return false;
        }
    }

    /** The controller has been reset: it has no queue any more, those included that could not be deleted. */
    void wasReset() {
        for (Runnable action = afterReset.poll(); action != null; action = afterReset.poll()) {
            action.run();
        }
    }

    private void forget(QueuePair pair) {
        giveId(pair.id());
        pair.release();
    }

    /**
     * Deletes a pair; its memory is free afterwards. What was in flight is aborted by the controller (5.6). If the controller
     * does not have it any more, since it was reset, that is as good. An interrupt is seen only after it.
     */
    void delete(QueuePair pair, Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        boolean done = false;
        try {
            delete("Delete I/O Submission Queue", Opcode.DELETE_IO_SQ, pair.id(), deadline);
            delete("Delete I/O Completion Queue", Opcode.DELETE_IO_CQ, pair.id(), deadline);
            done = true;
        } finally {
            if (!done) {
                afterReset.add(() -> forget(pair));
            }
        }
        forget(pair);
    }

    private void createCompletionQueue(QueuePair pair, Deadline deadline, Runner runner)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int flags = Opcode.QUEUE_CONTIGUOUS;
        if (hasInterrupt(pair.id())) {
            flags |= Opcode.CQ_INTERRUPTS | pair.id() << 16;
        }
        runner.run(
                "Create I/O Completion Queue",
                NvmeCommand.of(Opcode.CREATE_IO_CQ, 0)
                        .with(size(pair.completionEntries(), pair.id()), flags, 0, 0, 0, 0),
                pair.completionAddress(),
                deadline);
    }

    private void createSubmissionQueue(QueuePair pair, Deadline deadline, Runner runner)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        int flags = Opcode.QUEUE_CONTIGUOUS | pair.id() << 16;
        runner.run(
                "Create I/O Submission Queue",
                NvmeCommand.of(Opcode.CREATE_IO_SQ, 0).with(size(pair.entries(), pair.id()), flags, 0, 0, 0, 0),
                pair.submissionAddress(),
                deadline);
    }

    /** Has the controller delete a queue that it need not have. */
    private void delete(String what, int opcode, int id, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        try {
            admin.runWhole(what, NvmeCommand.of(opcode, 0).with(id, 0, 0, 0, 0, 0), 0, deadline);
        } catch (NvmeException e) {
            if (e.status().typeAndCode() != INVALID_QUEUE && !Recovery.isLost(e.status())) {
                throw e;
            }
        }
    }

    private synchronized int takeId() throws DmaException {
        int id = used.nextClearBit(1);
        if (id > granted) {
            throw new DmaException(
                    "all " + granted + " I/O queues that the controller grants are open; close one first");
        }
        used.set(id);
        return id;
    }

    private synchronized void giveId(int id) {
        if (hasVector(id)) {
            handlers.set(id, null);
        }
        used.clear(id);
    }

    private static int size(int entries, int id) {
        return (entries - 1) << 16 | id;
    }
}
