package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.internal.config.CapabilityList;

/**
 * Configuration space through the device's file. The kernel emulates some registers and guards others; one is guarded here:
 * memory decoding stays on. Without it an access to mapped registers is a SIGBUS, which reaches a program as an {@link
 * InternalError} that compiled code throws some instructions too late, outside of the access and of its handler.
 */
public final class VfioConfigSpace implements ConfigSpace {

    /** PCI Local Bus 3.0, section 6.2.2. */
    private static final int COMMAND = 0x04;

    private static final int MEMORY_SPACE = 2;

    private final RegionAccess access;
    private final long position;
    private final int size;
    private final Revocation revocation;

    /**
     * @param position where configuration space begins in the file
     * @param size bytes
     */
    public VfioConfigSpace(RegionAccess access, long position, int size, Revocation revocation) {
        this.access = access;
        this.position = position;
        this.size = size;
        this.revocation = revocation;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public int read8(int offset) {
        return (int) read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return (int) read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return (int) read(offset, 4);
    }

    @Override
    public void write8(int offset, int value) {
        write(offset, 1, value);
    }

    @Override
    public void write16(int offset, int value) {
        write(offset, 2, value);
    }

    @Override
    public void write32(int offset, int value) {
        write(offset, 4, value);
    }

    @Override
    public List<Capability> capabilities() {
        return CapabilityList.read(this);
    }

    private long read(int offset, int width) {
        check(offset, width);
        try {
            return access.read(position + offset, width);
        } catch (IOException e) {
            throw revocation.gone(e);
        }
    }

    private void write(int offset, int width, int value) {
        check(offset, width);
        int guarded = offset == COMMAND ? value | MEMORY_SPACE : value;
        try {
            access.write(position + offset, width, guarded);
        } catch (IOException e) {
            throw revocation.gone(e);
        }
    }

    private void check(int offset, int width) {
        Objects.checkFromIndexSize(offset, width, size);
        if ((offset & width - 1) != 0) {
            throw new IllegalArgumentException("offset 0x%x is not a multiple of %d".formatted(offset, width));
        }
        revocation.check();
    }
}
