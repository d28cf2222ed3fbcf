package org.busbar.pci.internal.vfio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.busbar.pci.Bar;

/**
 * Registers that are mapped: an access is one load or store of the processor, after the checks that the segment makes of
 * bounds, alignment and life. Revocation closes the segment's arena, so that the check of life is the check of revocation.
 *
 * <p>Reads acquire and writes release, no more: that orders a doorbell after the descriptors it announces, and what is read
 * of a completion after the register that announced it. x86 gives both for free.
 */
final class MappedBar implements Bar {

    private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private final MemorySegment registers;
    private final Revocation revocation;

    MappedBar(MemorySegment registers, Revocation revocation) {
        this.registers = registers;
        this.revocation = revocation;
    }

    // Each access catches what a closed arena throws (IllegalStateException), and what becomes of the SIGBUS that the kernel
    // sends when the device does not decode memory any more (InternalError).

    @Override
    public long size() {
        return registers.byteSize();
    }

    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public int read8(long offset) {
        try {
            return (byte) BYTE.getAcquire(registers, offset) & 0xff;
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public int read16(long offset) {
        try {
            return (short) SHORT.getAcquire(registers, offset) & 0xffff;
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public int read32(long offset) {
        try {
            return (int) INT.getAcquire(registers, offset);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public long read64(long offset) {
        try {
            return (long) LONG.getAcquire(registers, offset);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public void write8(long offset, int value) {
        try {
            BYTE.setRelease(registers, offset, (byte) value);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public void write16(long offset, int value) {
        try {
            SHORT.setRelease(registers, offset, (short) value);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public void write32(long offset, int value) {
        try {
            INT.setRelease(registers, offset, value);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }

    @Override
    public void write64(long offset, long value) {
        try {
            LONG.setRelease(registers, offset, value);
        } catch (IllegalStateException | InternalError e) {
            throw revocation.gone(e);
        }
    }
}
