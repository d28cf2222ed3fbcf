package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.busbar.pci.Bar;
import org.jspecify.annotations.Nullable;

/**
 * A doorbell register, and its shadow in memory if the controller looks there (NVMe Base 1.4, sections 5.7 and 7.13). For
 * one thread at a time; allocates nothing.
 */
final class Doorbell {

    private static final VarHandle INT_AT = ValueLayout.JAVA_INT.varHandle();

    private final Bar bar;
    private final long register;
    private final @Nullable MemorySegment shadow;
    private final @Nullable MemorySegment eventIndex;
    private int rung;

    /** A doorbell that is a register alone. */
    Doorbell(Bar bar, long register) {
        this(bar, register, null, null);
    }

    /**
     * @param register its offset in the BAR
     * @param shadow four bytes that take the value
     * @param eventIndex four bytes in which the controller says from which value on it wants the register written
     */
    Doorbell(Bar bar, long register, @Nullable MemorySegment shadow, @Nullable MemorySegment eventIndex) {
        this.bar = bar;
        this.register = register;
        this.shadow = shadow;
        this.eventIndex = eventIndex;
    }

    /** Tells the device. A register write is a release store, and so is that of the shadow. */
    void ring(int value) {
        if (shadow == null || eventIndex == null) {
            bar.write32(register, value);
            return;
        }
        INT_AT.setRelease(shadow, 0L, value);
        // The shadow has to be visible before the index is read: the controller writes the index, then reads the shadow.
        VarHandle.fullFence();
        int wanted = (int) INT_AT.getOpaque(eventIndex, 0L);
        if (passes(wanted, rung, value)) {
            bar.write32(register, value);
        }
        rung = value;
    }

    /** Whether a value that goes from {@code old} to {@code now} passes the event index, modulo 2^16. */
    static boolean passes(int index, int old, int now) {
        return (now - index - 1 & 0xffff) < (now - old & 0xffff);
    }
}
