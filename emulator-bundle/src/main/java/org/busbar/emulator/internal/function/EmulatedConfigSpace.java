package org.busbar.emulator.internal.function;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.pci.ConfigSpace;

/** Configuration space as somebody with a certain access to it sees it. */
final class EmulatedConfigSpace implements ConfigSpace {

    /** Says whether an access may take place. */
    interface Access {

        /** Throws {@link org.busbar.device.DeviceGoneException} unless the function is there and may be read. */
        void checkRead();

        /** Throws {@link UnsupportedOperationException} where only reading is allowed. */
        void checkWrite();
    }

    private static final int STATUS = 0x06;
    private static final int CAPABILITY_LIST = 1 << 4;
    private static final int CAPABILITIES = 0x34;
    private static final int EXTENDED = 0x100;

    private final ConfigRegisters registers;
    private final Access access;

    EmulatedConfigSpace(ConfigRegisters registers, Access access) {
        this.registers = registers;
        this.access = access;
    }

    /** Returns what somebody sees who has not opened the function. */
    static EmulatedConfigSpace readOnly(ConfigRegisters registers, EmulatedFunction function) {
        return new EmulatedConfigSpace(registers, new Access() {
            @Override
            public void checkRead() {
                function.checkPresent();
            }

            @Override
            public void checkWrite() {
                throw new UnsupportedOperationException(function.address() + " must be open before it can be written");
            }
        });
    }

    @Override
    public int size() {
        return ConfigImage.SIZE;
    }

    @Override
    public int read8(int offset) {
        return read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return read(offset, 4);
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
        List<Capability> found = new ArrayList<>();
        if ((read16(STATUS) & CAPABILITY_LIST) != 0) {
            standard(found);
        }
        extended(found);
        return List.copyOf(found);
    }

    private void standard(List<Capability> found) {
        BitSet seen = new BitSet();
        int offset = read8(CAPABILITIES) & ~3;
        while (offset >= 0x40 && !seen.get(offset)) {
            seen.set(offset);
            found.add(new Capability(read8(offset), offset, false));
            offset = read8(offset + 1) & ~3;
        }
    }

    private void extended(List<Capability> found) {
        BitSet seen = new BitSet();
        int offset = EXTENDED;
        while (offset >= EXTENDED && !seen.get(offset)) {
            seen.set(offset);
            int header = read32(offset);
            if (header == 0 || header == -1) {
                return;
            }
            found.add(new Capability(header & 0xffff, offset, true));
            offset = (header >>> 20) & ~3;
        }
    }

    private int read(int offset, int width) {
        checkOffset(offset, width);
        access.checkRead();
        return registers.read(offset, width);
    }

    private void write(int offset, int width, int value) {
        checkOffset(offset, width);
        access.checkRead();
        access.checkWrite();
        registers.write(offset, width, value);
    }

    private static void checkOffset(int offset, int width) {
        Objects.checkFromIndexSize(offset, width, ConfigImage.SIZE);
        if ((offset & (width - 1)) != 0) {
            throw new IllegalArgumentException("offset " + offset + " is not a multiple of " + width);
        }
    }
}
