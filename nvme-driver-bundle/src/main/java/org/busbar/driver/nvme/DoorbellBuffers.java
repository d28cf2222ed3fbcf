package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two pages that a controller, usually one in software, reads instead of having every doorbell register written (NVMe Base
 * 1.4, sections 5.7 and 7.13): the first holds what the registers would hold, at the same distances; the second, written
 * by the controller, says from which value on it wants the register written. The admin queue's doorbells are registers
 * alone. Thread-safe, but for {@link #configure} and {@link #none}.
 */
final class DoorbellBuffers {

    private static final Logger LOG = LoggerFactory.getLogger(DoorbellBuffers.class);
    static final int BYTES = 2 * PrpLists.PAGE;

    private static final String NAME = "Doorbell Buffer Config";

    private final Registers registers;
    /** The pages, once there are any: the controller's as long as it is not reset, even if it has not answered. */
    private @Nullable Transfer memory;
    /** The same while the controller looks there. */
    private volatile @Nullable Transfer pages;

    DoorbellBuffers(Registers registers) {
        this.registers = registers;
    }

    /**
     * Has the controller use the pages from now until its next reset; if it does not take them, doorbells are registers. To
     * be called after each reset, as is {@link #none}.
     *
     * @param queues how many I/O queues there may be; if the pages are too small for them they are not used
     */
    void configure(AdminQueue admin, Dma dma, int queues, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        none();
        if (place(registers.completionDoorbell(queues)) + Integer.BYTES > PrpLists.PAGE) {
            return;
        }
        try {
            Transfer both = memory == null ? Transfer.of(dma.allocate(Legacy.DOORBELLS, BYTES)).lasting() : memory;
            memory = both;
            both.memory().fill((byte) 0);
            NvmeCommand command = NvmeCommand.of(Opcode.DOORBELL_BUFFER_CONFIG, 0);
            AdminPort.requireSuccess(NAME, admin.execute(NAME, command, both, deadline));
            pages = both;
        } catch (NvmeException | DmaException e) {
            LOG.warn("doorbells are written to registers, which may be slower: {}", e.getMessage());
        }
    }

    /**
     * The controller looks into these pages already, for whoever had it before; there are no I/O queues now. What is there of the
     * admin queue is the controller's: some keep its doorbells there themselves, and would take zero for where it stands.
     */
    void inherit(Transfer both) {
        memory = both;
        pages = both;
    }

    /** Whether the controller looks into the pages. */
    boolean areShared() {
        return pages != null;
    }

    /** Whether it is sure what the controller does: it is not, after it has not answered. */
    boolean isCertain() {
        return memory == null || pages != null;
    }

    /** The controller does not look into the pages, so doorbells are registers. */
    void none() {
        pages = null;
    }

    /** A submission queue's tail doorbell, at zero. */
    Doorbell submission(int queue) {
        return doorbell(registers.submissionDoorbell(queue));
    }

    /** A completion queue's head doorbell, at zero. */
    Doorbell completion(int queue) {
        return doorbell(registers.completionDoorbell(queue));
    }

    private Doorbell doorbell(long register) {
        Transfer shared = pages;
        if (shared == null) {
            return new Doorbell(registers.bar(), register);
        }
        MemorySegment shadow = shared.memory().asSlice(place(register), Integer.BYTES).fill((byte) 0);
        MemorySegment index =
                shared.memory().asSlice(PrpLists.PAGE + place(register), Integer.BYTES).fill((byte) 0);
        return new Doorbell(registers.bar(), register, shadow, index);
    }

    private long place(long register) {
        return register - registers.submissionDoorbell(0);
    }
}
