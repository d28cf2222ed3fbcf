package org.busbar.example.edu;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.PciDeviceContext;

/** A device and this driver, until it is removed. What it is asked for it does one after the other. Thread-safe. */
public final class EduDevice implements DriverBinding {

    private static final int IDENTITY = 0x00;
    private static final int LIVENESS = 0x04;
    private static final int FACTORIAL = 0x08;
    private static final int STATUS = 0x20;
    private static final int STATUS_INTERRUPT = 0x80; // when a factorial is done
    private static final int CAUSES = 0x24;
    private static final int CAUSE_FACTORIAL = 0x001;
    private static final int CAUSE_DMA = 0x100;
    private static final int ACKNOWLEDGE = 0x64;
    private static final int DMA_SOURCE = 0x80;
    private static final int DMA_TARGET = 0x88;
    private static final int DMA_COUNT = 0x90;
    private static final int DMA_COMMAND = 0x98;
    private static final int DMA_RUN = 1;
    private static final int DMA_TO_MEMORY = 2;
    private static final int DMA_INTERRUPT = 4;

    private static final int OWN_MEMORY = 0x40000; // the device's, as it names it in DMA_SOURCE and DMA_TARGET
    private static final int OWN_BYTES = 4095; // and one more, which QEMU 7 takes for one beyond the end, and aborts
    private static final long REACH = 1L << 28;
    private static final long PATIENCE_MILLIS = 5_000;

    private final PciDeviceContext context;
    private final Bar registers;
    private final DmaBuffer buffer;
    private final AtomicInteger arrived = new AtomicInteger(); // causes that nobody has waited for yet
    private final AtomicInteger interrupts = new AtomicInteger();

    EduDevice(PciDeviceContext context) throws ProbeException, IOException {
        this.context = context;
        registers = context.bar(0);
        if ((registers.read32(IDENTITY) & 0xff) != 0xed) {
            throw new ProbeDeclinedException("the identity does not end in ed: this is another device");
        }
        buffer = context.dma().allocate(OWN_BYTES);
        if (buffer.address() > REACH - buffer.size()) {
            throw new ProbeException("the device reaches 256 MiB of addresses, and no memory was left below that");
        }
    }

    void start() throws IOException, DeviceTimeoutException, InterruptedException {
        registers.write32(LIVENESS, 0x5a5a5a5a);
        context.await("the answer", () -> registers.read32(LIVENESS) == ~0x5a5a5a5a, context.probeDeadline());
        if (context.interrupts().available() > 0) {
            context.interrupts().enable(1, this::interrupted);
        } else {
            context.interrupts().enablePin(this::interrupted);
        }
        registers.write32(STATUS, STATUS_INTERRUPT);
    }

    private void interrupted(int vector) {
        int causes = registers.read32(CAUSES);
        registers.write32(ACKNOWLEDGE, causes);
        interrupts.incrementAndGet();
        arrived.getAndUpdate(old -> old | causes);
    }

    /** Returns how often the device has interrupted. */
    public int interrupts() {
        return interrupts.get();
    }

    /** Returns the product of the numbers from 1 to {@code of}, 0 to 12: more does not fit into the device's 32 bits. */
    public synchronized int factorial(int of) throws DeviceTimeoutException, InterruptedException {
        if (of < 0 || of > 12) {
            throw new IllegalArgumentException("factorials are computed of 0 to 12, not of " + of);
        }
        run(FACTORIAL, of, CAUSE_FACTORIAL, "a factorial");
        return registers.read32(FACTORIAL);
    }

    /** Returns what comes back of a text, less than 4 KiB in UTF-8, from the device's own memory. */
    public synchronized String echo(String text) throws DeviceTimeoutException, InterruptedException {
        MemorySegment memory = buffer.memory();
        memory.setString(0, text); // throws if it is too long; a zero at the very end need not travel
        move((int) buffer.address(), OWN_MEMORY, 0);
        memory.fill((byte) 0);
        move(OWN_MEMORY, (int) buffer.address(), DMA_TO_MEMORY);
        return memory.getString(0);
    }

    private void move(int source, int target, int direction) throws DeviceTimeoutException, InterruptedException {
        registers.write32(DMA_SOURCE, source);
        registers.write32(DMA_TARGET, target);
        registers.write32(DMA_COUNT, OWN_BYTES);
        run(DMA_COMMAND, DMA_RUN | DMA_INTERRUPT | direction, CAUSE_DMA, "a transfer");
    }

    private void run(int register, int value, int cause, String what)
            throws DeviceTimeoutException, InterruptedException {
        arrived.set(0);
        registers.write32(register, value);
        try {
            context.await(what, () -> (arrived.get() & cause) != 0, Deadline.afterMillis(PATIENCE_MILLIS));
        } catch (DeviceTimeoutException e) {
            context.fail(e); // what it does next may be the answer to this: it is reset and probed anew
            throw e;
        }
    }

    /** What is under way ends in a moment. Nobody new comes: the service has been unregistered, and the grant ends. */
    @Override
    public synchronized void quiesce(Deadline deadline) {
        registers.write32(STATUS, 0);
    }

    /** Interrupts and memory are taken back by the bus, in either case; on surprise no register may be touched. */
    @Override
    public void close(RemovalReason reason) {}
}
