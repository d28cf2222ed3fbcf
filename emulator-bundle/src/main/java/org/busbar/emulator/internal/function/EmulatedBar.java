package org.busbar.emulator.internal.function;

import org.busbar.pci.Bar;

/** The registers behind one base address register, for one handle. */
final class EmulatedBar implements Bar {

    private final EmulatedHandle handle;
    private final EmulatedHandle.Access access;
    private final EmulatedFunction function;
    private final int index;
    private final long size;

    EmulatedBar(EmulatedHandle handle, EmulatedHandle.Access access, EmulatedFunction function, int index, long size) {
        this.handle = handle;
        this.access = access;
        this.function = function;
        this.index = index;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    /** A call into the model costs what a load or store costs, not what a message or a system call does. */
    @Override
    public boolean isMapped() {
        return true;
    }

    @Override
    public int read8(long offset) {
        return (int) read(offset, 1) & 0xff;
    }

    @Override
    public int read16(long offset) {
        return (int) read(offset, 2) & 0xffff;
    }

    @Override
    public int read32(long offset) {
        return (int) read(offset, 4);
    }

    @Override
    public long read64(long offset) {
        return read(offset, 8);
    }

    @Override
    public void write8(long offset, int value) {
        write(offset, 1, value & 0xff);
    }

    @Override
    public void write16(long offset, int value) {
        write(offset, 2, value & 0xffff);
    }

    @Override
    public void write32(long offset, int value) {
        write(offset, 4, value & 0xffff_ffffL);
    }

    @Override
    public void write64(long offset, long value) {
        write(offset, 8, value);
    }

    private long read(long offset, int width) {
        check(offset, width);
        return function.readRegister(index, offset, width);
    }

    private void write(long offset, int width, long value) {
        check(offset, width);
        function.writeRegister(index, offset, width, value);
    }

    private void check(long offset, int width) {
        if (offset < 0 || offset > size - width) {
            throw new IndexOutOfBoundsException("offset " + offset + " is outside the register's " + size + " bytes");
        }
        if ((offset & (width - 1)) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is not a multiple of " + width);
        }
        handle.checkGranted(access);
    }
}
