package org.busbar.testkit;

import org.busbar.pci.Bar;

/**
 * Registers of 32 bits that a test answers for, at once and in the thread of whoever touches them. An access by 64 bits is
 * two, the low half first; one by less than 32 is an error of the driver's.
 */
public abstract class RegisterBar implements Bar {

    private final long size;

    /** Makes registers that span so many bytes. */
    protected RegisterBar(long size) {
        this.size = size;
    }

    @Override
    public final long size() {
        return size;
    }

    @Override
    public final boolean isMapped() {
        return true;
    }

    @Override
    public final int read8(long offset) {
        throw narrow(offset);
    }

    @Override
    public final int read16(long offset) {
        throw narrow(offset);
    }

    @Override
    public final long read64(long offset) {
        return (read32(offset) & 0xffff_ffffL) | (long) read32(offset + 4) << 32;
    }

    @Override
    public final void write8(long offset, int value) {
        throw narrow(offset);
    }

    @Override
    public final void write16(long offset, int value) {
        throw narrow(offset);
    }

    @Override
    public final void write64(long offset, long value) {
        write32(offset, (int) value);
        write32(offset + 4, (int) (value >>> 32));
    }

    private static AssertionError narrow(long offset) {
        return new AssertionError("registers have 32 bits or more: an access at " + offset + " has fewer");
    }
}
