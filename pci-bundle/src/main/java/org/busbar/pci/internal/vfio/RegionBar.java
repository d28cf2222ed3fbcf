package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.Objects;
import org.busbar.pci.Bar;

/** Registers reached by reading and writing the device's file: I/O ports, and memory that cannot be mapped. */
final class RegionBar implements Bar {

    private final RegionAccess access;
    private final long position;
    private final long size;
    private final Revocation revocation;

    /**
     * @param position where the region begins in the file
     * @param size bytes
     */
    RegionBar(RegionAccess access, long position, long size, Revocation revocation) {
        this.access = access;
        this.position = position;
        this.size = size;
        this.revocation = revocation;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean isMapped() {
        return false;
    }

    @Override
    public int read8(long offset) {
        return (int) read(offset, 1);
    }

    @Override
    public int read16(long offset) {
        return (int) read(offset, 2);
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
        write(offset, 1, value);
    }

    @Override
    public void write16(long offset, int value) {
        write(offset, 2, value);
    }

    @Override
    public void write32(long offset, int value) {
        write(offset, 4, value);
    }

    @Override
    public void write64(long offset, long value) {
        write(offset, 8, value);
    }

    private long read(long offset, int width) {
        check(offset, width);
        try {
            return access.read(position + offset, width);
        } catch (IOException e) {
            throw revocation.gone(e);
        }
    }

    private void write(long offset, int width, long value) {
        check(offset, width);
        try {
            access.write(position + offset, width, value);
        } catch (IOException e) {
            throw revocation.gone(e);
        }
    }

    private void check(long offset, int width) {
        Objects.checkFromIndexSize(offset, width, size);
        if ((offset & width - 1) != 0) {
            throw new IllegalArgumentException("offset 0x%x is not a multiple of %d".formatted(offset, width));
        }
        revocation.check();
    }
}
