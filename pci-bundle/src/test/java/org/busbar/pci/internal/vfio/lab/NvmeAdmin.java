package org.busbar.pci.internal.vfio.lab;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;

/** As much of an NVMe driver as it takes to see DMA and interrupts work: the admin queue (NVM Express Base 2.0, section 3). */
final class NvmeAdmin {

    static final int CAP = 0x00;
    static final int VS = 0x08;
    private static final int CC = 0x14;
    private static final int CSTS = 0x1c;
    private static final int AQA = 0x24;
    private static final int ASQ = 0x28;
    private static final int ACQ = 0x30;
    private static final int SUBMISSION_DOORBELL = 0x1000;
    private static final int ENTRIES = 16;
    private static final VarHandle WORD = JAVA_INT.varHandle();

    private final Bar registers;
    private final MemorySegment memory;
    private final long address;
    private final long completionDoorbell;
    private final Semaphore fired = new Semaphore(0);
    private int tail;
    private int head;
    private int phase = 1;

    /** Maps three pages - submission queue, completion queue, data - and enables the controller. */
    NvmeAdmin(FunctionHandle handle, Deadline deadline) throws Exception {
        registers = handle.bar(0);
        DmaSpace dma = handle.dma();
        address = dma.ranges().getFirst().first();
        memory = dma.map(address, 3 * 4096);
        completionDoorbell = SUBMISSION_DOORBELL + (4L << (registers.read64(CAP) >>> 32 & 0xf));
        handle.interrupts().enable(1, vector -> fired.release());
        registers.write32(CC, 0);
        awaitReady(0, deadline);
        registers.write32(AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
        registers.write64(ASQ, address);
        registers.write64(ACQ, address + 4096);
        registers.write32(CC, 4 << 20 | 6 << 16 | 1);
        awaitReady(1, deadline);
    }

    boolean isReady() {
        return (registers.read32(CSTS) & 1) == 1;
    }

    /** Runs IDENTIFY CONTROLLER, waits for its interrupt, and returns the model. */
    String identify(Deadline deadline) throws Exception {
        MemorySegment command = memory.asSlice(tail * 64L, 64).fill((byte) 0);
        command.set(JAVA_INT, 0, 0x06 | tail << 16);
        command.set(JAVA_LONG, 24, address + 8192);
        command.set(JAVA_INT, 40, 1);
        tail = (tail + 1) % ENTRIES;
        registers.write32(SUBMISSION_DOORBELL, tail);
        if (!fired.tryAcquire(deadline.remaining(TimeUnit.NANOSECONDS), TimeUnit.NANOSECONDS)) {
            throw new DeviceTimeoutException("no interrupt for IDENTIFY");
        }
        int status = (int) WORD.getAcquire(memory, 4096 + head * 16L + 12) >>> 16;
        if ((status & 1) != phase || status >> 1 != 0) {
            throw new AssertionError("status 0x%x, phase %d".formatted(status, phase));
        }
        head = (head + 1) % ENTRIES;
        phase = head == 0 ? phase ^ 1 : phase;
        registers.write32(completionDoorbell, head);
        byte[] model = memory.asSlice(8192 + 24, 40).toArray(JAVA_BYTE);
        return new String(model, StandardCharsets.US_ASCII).strip();
    }

    private void awaitReady(int ready, Deadline deadline) throws DeviceTimeoutException {
        while ((registers.read32(CSTS) & 1) != ready) {
            if (deadline.expired()) {
                throw new DeviceTimeoutException("CSTS.RDY is not " + ready);
            }
            Thread.onSpinWait();
        }
    }
}
