package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeCommand;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/**
 * Two pages that a controller, usually one in software, reads instead of having every doorbell register written (NVMe Base
 * 1.4, sections 5.7 and 7.13): the first holds what the registers would hold, at the same distances; the second, written
 * by the controller, says from which value on it wants the register written. The admin queue's doorbells are registers
 * alone. Thread-safe, but for {@link #configure}.
 */
final class DoorbellBuffers {

    private static final String NAME = "Doorbell Buffer Config";

    private final Registers registers;
    private volatile @Nullable Transfer pages;

    DoorbellBuffers(Registers registers) {
        this.registers = registers;
    }

    /**
     * Has the controller use the pages from now until its next reset.
     *
     * @param queues how many I/O queues there may be; if the pages are too small for them they are not used
     */
    void configure(AdminQueue admin, Dma dma, int queues, Deadline deadline)
            throws NvmeException, DmaException, DeviceTimeoutException, InterruptedException {
        if (place(registers.completionDoorbell(queues)) + Integer.BYTES > PrpLists.PAGE) {
            return;
        }
        Transfer memory = pages == null ? Transfer.of(dma, 2 * PrpLists.PAGE) : pages;
        pages = null; // after a time-out the controller may still use them
        memory.memory().fill((byte) 0);
        NvmeCommand command = NvmeCommand.of(Opcode.DOORBELL_BUFFER_CONFIG, 0);
        AdminPort.requireSuccess(NAME, admin.execute(NAME, command, memory, deadline));
        pages = memory;
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
