package org.busbar.driver.nvme;

import java.io.IOException;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.HandoverDeclinedException;
import org.busbar.device.ProbeException;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.Inheritance;
import org.jspecify.annotations.Nullable;

/**
 * Goes on with a controller that a predecessor has left running: with its admin queue, and with the pages in which it looks for
 * doorbells. I/O queues are created anew, since the predecessor has deleted its own; so nothing of a queue's memory that an
 * application could still have in its hands is in use.
 *
 * <p>Whatever is not as expected here means a fresh start, with a reset by the bus before it.
 */
final class Adoption {

    private final Inheritance inheritance;
    private final Registers registers;
    private final Legacy legacy;
    private final InheritedRequests requests = new InheritedRequests();
    private final QueuePair rings;
    private final @Nullable Transfer doorbells;

    private Adoption(Inheritance inheritance, Registers registers) throws IOException {
        this.inheritance = inheritance;
        this.registers = registers;
        this.legacy = Legacy.parse(inheritance.state());
        int entries = legacy.admin().entries();
        DmaBuffer submissions = memory(Legacy.SUBMISSIONS, (long) entries * QueuePair.SQE);
        DmaBuffer completions = memory(Legacy.COMPLETIONS, (long) entries * QueuePair.CQE);
        this.doorbells = legacy.doorbells()
                ? Transfer.of(memory(Legacy.DOORBELLS, DoorbellBuffers.BYTES)).lasting()
                : null;
        this.rings = new QueuePair(0, entries, submissions, completions, registers);
        rings.resume(legacy.admin());
    }

    /** @throws HandoverDeclinedException if it does not understand what was left, or not all of it is there */
    static Adoption of(Inheritance inheritance, Registers registers) throws HandoverDeclinedException {
        try {
            return new Adoption(inheritance, registers);
        } catch (IOException e) {
            throw new HandoverDeclinedException("what the driver before has left: " + e.getMessage(), e);
        }
    }

    private DmaBuffer memory(String name, long bytes) throws IOException {
        Set<String> names = inheritance.names();
        if (!names.contains(name)) {
            throw new IOException("there is no memory '" + name + "', only " + names);
        }
        DmaBuffer buffer = inheritance.memory(name);
        if (buffer.size() < bytes) {
            throw new IOException("memory '" + name + "' has " + buffer.size() + " bytes, not " + bytes);
        }
        return buffer;
    }

    QueuePair rings() {
        return rings;
    }

    /** Has an admin queue, made with {@link #rings}, expect what is in flight in it. */
    void expectRequests(AdminQueue admin) {
        admin.expect(legacy.admin().taken(), requests);
    }

    /**
     * Checks that the controller runs as it was left, and asks it who it is.
     *
     * @throws HandoverDeclinedException if it does not, or is another one
     */
    Initialization.Up takeUp(Initialization initialization, Deadline whole)
            throws ProbeException, InterruptedException {
        try {
            if (!registers.isRunningWith(rings.entries(), rings.submissionAddress(), rings.completionAddress())) {
                throw new IOException("the controller does not run with this admin queue any more");
            }
            Initialization.Up up = initialization.takeUp(legacy.granted(), whole);
            if (!up.identity().serial().equals(legacy.serial()) || !up.identity().model().equals(legacy.model())) {
                throw new IOException("it is another controller: " + up.identity().model() + " serial "
                        + up.identity().serial());
            }
            return up;
        } catch (DeviceTimeoutException | IOException e) {
            throw new HandoverDeclinedException("the controller that was handed over: " + e.getMessage(), e);
        }
    }

    /** The pages in which the controller looks for doorbells, or null if it does not. */
    @Nullable
    Transfer doorbells() {
        return doorbells;
    }

    InheritedRequests requests() {
        return requests;
    }
}
