package org.busbar.emulator.internal.edu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.DeviceModel;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;

/**
 * A device to learn from: it inverts a number, computes factorials, moves bytes between memory and 4 KiB of its own, and
 * interrupts by MSI or by its pin. Like QEMU's it reaches no more than 28 bits of address; unlike QEMU's it does not wait 100 ms
 * before it moves bytes.
 */
public final class EduModel extends DeviceModel {

    private static final PciIds IDS = new PciIds(0x1234, 0x11e8, 0x1af4, 0x1100, 0x00ff00);
    private static final int BAR_SIZE = 1 << 20;
    private static final int IDENTITY = 0x0100_00ed;

    private static final int COMPUTING = 1;
    private static final int INTERRUPT_AFTER_FACTORIAL = 0x80;
    private static final int FACTORIAL_DONE = 1;

    /** The four registers of 64 bits from 0x80: source, target, count, command. */
    private static final int DMA = 0x80;

    private static final int SOURCE = 0;
    private static final int TARGET = 1;
    private static final int COUNT = 2;
    private static final int COMMAND = 3;
    private static final int RUN = 1;
    private static final int TO_MEMORY = 2;
    private static final int INTERRUPT_AFTER_DMA = 4;
    private static final int DMA_DONE = 0x100;

    private static final long OWN_ADDRESS = 0x40000;
    private static final long OWN_BYTES = 4096;
    private static final long REACH = 1L << 28;

    private final MemorySegment own = Arena.ofAuto().allocate(OWN_BYTES);
    private final AtomicInteger liveness = new AtomicInteger();
    private final AtomicInteger number = new AtomicInteger();
    private final AtomicInteger status = new AtomicInteger();
    private final AtomicInteger causes = new AtomicInteger();
    private final AtomicLongArray dma = new AtomicLongArray(4);

    public EduModel() {
        super(new ConfigImage(IDS, 0x10)
                .bar(new BarInfo(0, BAR_SIZE, BarInfo.Kind.MEMORY32, false))
                .msi(0x40)
                .interruptPin());
    }

    @Override
    public long read(int bar, long offset, int width) {
        if (offset >= DMA) {
            int index = (int) (offset - DMA) / 8;
            return width >= 4 && index < 4 && offset % 8 == 0 ? dma.get(index) : -1;
        }
        return switch (width == 4 ? (int) offset : -1) {
            case 0x00 -> IDENTITY;
            case 0x04 -> liveness.get();
            case 0x08 -> number.get();
            case 0x20 -> status.get();
            case 0x24 -> causes.get();
            default -> -1;
        };
    }

    @Override
    public void write(int bar, long offset, int width, long value) {
        if (offset >= DMA) {
            int index = (int) (offset - DMA) / 8;
            if (width >= 4 && index < 4 && offset % 8 == 0 && !isMoving()) {
                dma.set(index, value);
                wake();
            }
            return;
        }
        int word = (int) value;
        switch (width == 4 ? (int) offset : -1) {
            case 0x04 -> liveness.set(~word);
            case 0x08 -> compute(word);
            case 0x20 -> status.getAndUpdate(
                    old -> (old & ~INTERRUPT_AFTER_FACTORIAL) | (word & INTERRUPT_AFTER_FACTORIAL));
            case 0x60 -> interrupt(word);
            case 0x64 -> causes.getAndUpdate(old -> old & ~word);
            default -> {
                // The rest is read-only or not there.
            }
        }
    }

    private void compute(int of) {
        if ((status.get() & COMPUTING) == 0) {
            number.set(of);
            status.getAndUpdate(old -> old | COMPUTING);
            wake();
        }
    }

    private boolean isMoving() {
        return (dma.get(COMMAND) & RUN) != 0;
    }

    private void interrupt(int cause) {
        if (causes.updateAndGet(old -> old | cause) != 0) {
            raise(0);
        }
    }

    @Override
    public boolean pinAsserted() {
        return causes.get() != 0;
    }

    @Override
    protected long work() {
        if ((status.get() & COMPUTING) != 0) {
            number.set(factorial(number.get()));
            if ((status.updateAndGet(old -> old & ~COMPUTING) & INTERRUPT_AFTER_FACTORIAL) != 0) {
                interrupt(FACTORIAL_DONE);
            }
        }
        if (isMoving()) {
            move();
            long command = dma.get(COMMAND);
            dma.set(COMMAND, command & ~RUN);
            if ((command & INTERRUPT_AFTER_DMA) != 0) {
                interrupt(DMA_DONE);
            }
        }
        return IDLE;
    }

    /** In 32 bits, whatever is left of it. From 34 on that is nothing, which also bounds the work. */
    private static int factorial(int of) {
        int product = 1;
        for (int i = 2; product != 0 && Integer.compareUnsigned(i, of) <= 0; i++) {
            product *= i;
        }
        return product;
    }

    /** What leaves its own memory, or reaches beyond 28 bits, is not carried out. */
    private void move() {
        boolean toMemory = (dma.get(COMMAND) & TO_MEMORY) != 0;
        long at = dma.get(toMemory ? SOURCE : TARGET) - OWN_ADDRESS;
        long address = dma.get(toMemory ? TARGET : SOURCE);
        long bytes = dma.get(COUNT);
        if (at < 0 || bytes < 0 || bytes > OWN_BYTES || at > OWN_BYTES - bytes || address < 0
                || address > REACH - bytes) {
            return;
        }
        boolean _ = toMemory ? dma().write(address, own, at, bytes) : dma().read(address, own, at, bytes);
    }

    @Override
    protected void reset() {
        liveness.set(0);
        number.set(0);
        status.set(0);
        causes.set(0);
        for (int i = 0; i < dma.length(); i++) {
            dma.set(i, 0);
        }
        own.fill((byte) 0);
    }

    @Override
    protected void unplugged() {}

    @Override
    public boolean supports(Fault fault) {
        return false;
    }

    @Override
    protected void faults(List<Fault> faults) {}
}
