package org.busbar.emulator.internal.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;
import org.jspecify.annotations.Nullable;

/**
 * Configuration space of a PCI function after reset: 4,096 bytes, and which bits can be written. Capabilities are
 * listed in the order in which they are added. Filled in by a model's constructor, not changed afterwards.
 */
public final class ConfigImage {

    public static final int SIZE = 4096;
    public static final int COMMAND = 0x04;
    public static final int MEMORY_ENABLE = 1 << 1;
    public static final int BUS_MASTER = 1 << 2;
    /** Offset of a message control register in its MSI-X or MSI capability. */
    public static final int MSIX_CONTROL = 2;

    public static final int MSIX_ENABLE = 1 << 15;
    public static final int MSI_ENABLE = 1;
    public static final int MSIX_MASK_ALL = 1 << 14;
    /** Offset of the device control register in its PCI Express capability. */
    public static final int DEVICE_CONTROL = 8;

    public static final int INITIATE_RESET = 1 << 15;

    private static final int STATUS = 0x06;
    private static final int CAPABILITY_LIST = 1 << 4;
    private static final int CAPABILITIES = 0x34;

    private final ByteBuffer values = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer writable = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private final PciIds ids;
    private final int revision;
    private final List<BarInfo> bars = new ArrayList<>();
    private @Nullable MsixLayout msix;
    private int msixOffset;
    private int msiOffset;
    private boolean pin;
    private int expressOffset;
    private int lastLink = CAPABILITIES;

    /** Starts with a type 0 header (PCI Local Bus 3.0, section 6.1) without base address registers. */
    public ConfigImage(PciIds ids, int revision) {
        this.ids = ids;
        this.revision = revision;
        set16(0x00, ids.vendor());
        set16(0x02, ids.device());
        writable(COMMAND, 2, MEMORY_ENABLE | BUS_MASTER | 0x540);
        set32(0x08, (ids.classCode() << 8) | revision);
        writable(0x0c, 1, 0xff);
        set16(0x2c, ids.subsystemVendor());
        set16(0x2e, ids.subsystemDevice());
        writable(0x3c, 1, 0xff);
        set8(0x3d, 1);
    }

    /** Adds a base address register (section 6.2.5.1). */
    public ConfigImage bar(BarInfo bar) {
        int offset = 0x10 + 4 * bar.index();
        int type =
                switch (bar.kind()) {
                    case MEMORY32 -> 0;
                    case MEMORY64 -> 4;
                    case IO -> 1;
                };
        set32(offset, type | (bar.prefetchable() ? 8 : 0));
        int low = (int) -bar.size();
        writable(offset, 4, bar.kind() == BarInfo.Kind.IO ? low & ~3 : low & ~0xf);
        if (bar.kind() == BarInfo.Kind.MEMORY64) {
            writable(offset + 4, 4, (int) (-bar.size() >>> 32));
        }
        if (bar.kind() == BarInfo.Kind.IO) {
            writable(COMMAND, 1, 1);
        }
        bars.add(bar);
        return this;
    }

    /** Adds power management, version 3, with D3hot and no soft reset (PCI Power Management 1.2, section 3.2). */
    public ConfigImage powerManagement(int offset) {
        capability(0x01, offset);
        set16(offset + 2, 0x0003);
        set16(offset + 4, 0x0008);
        writable(offset + 4, 2, 0x0003);
        return this;
    }

    /** Adds MSI-X (PCI Local Bus 3.0, section 6.8.2). */
    public ConfigImage msix(int offset, MsixLayout layout) {
        capability(0x11, offset);
        set16(offset + MSIX_CONTROL, layout.vectors() - 1);
        writable(offset + MSIX_CONTROL, 2, MSIX_ENABLE | MSIX_MASK_ALL);
        set32(offset + 4, layout.tableOffset() | layout.bar());
        set32(offset + 8, layout.pendingOffset() | layout.bar());
        msix = layout;
        msixOffset = offset;
        return this;
    }

    /** Says that the interrupt pin is in use: without MSI and MSI-X, that is how it interrupts. */
    public ConfigImage interruptPin() {
        pin = true;
        return this;
    }

    /** Adds MSI with one vector and 64-bit addresses (PCI Local Bus 2.3, section 6.8.1). */
    public ConfigImage msi(int offset) {
        capability(0x05, offset);
        set16(offset + MSIX_CONTROL, 1 << 7);
        writable(offset + MSIX_CONTROL, 2, MSI_ENABLE);
        writable(offset + 4, 4, ~3);
        writable(offset + 8, 4, -1);
        writable(offset + 12, 2, 0xffff);
        msiOffset = offset;
        return this;
    }

    /** Adds PCI Express, an endpoint with function-level reset (PCI Express 3.0, section 7.8). */
    public ConfigImage express(int offset) {
        capability(0x10, offset);
        set16(offset + 2, 0x0002);
        set32(offset + 4, 0x1000_8000);
        set16(offset + DEVICE_CONTROL, 0x2810);
        writable(offset + DEVICE_CONTROL, 2, 0x7fff);
        set32(offset + 0x0c, 0x0000_0c11);
        writable(offset + 0x10, 2, 0x01fb);
        set16(offset + 0x12, 0x0011);
        expressOffset = offset;
        return this;
    }

    /** Adds the header of any other capability; its content is set by the caller. */
    public ConfigImage capability(int id, int offset) {
        set8(lastLink, offset);
        set16(STATUS, CAPABILITY_LIST);
        set8(offset, id);
        lastLink = offset + 1;
        return this;
    }

    public ConfigImage set8(int offset, int value) {
        values.put(offset, (byte) value);
        return this;
    }

    public ConfigImage set16(int offset, int value) {
        values.putShort(offset, (short) value);
        return this;
    }

    public ConfigImage set32(int offset, int value) {
        values.putInt(offset, value);
        return this;
    }

    /** Lets software change some bits of {@code width} bytes, on top of those that it may change already. */
    public ConfigImage writable(int offset, int width, int bits) {
        for (int i = 0; i < width; i++) {
            writable.put(offset + i, (byte) (writable.get(offset + i) | (bits >>> (8 * i))));
        }
        return this;
    }

    public PciIds ids() {
        return ids;
    }

    public int revision() {
        return revision;
    }

    public List<BarInfo> bars() {
        return List.copyOf(bars);
    }

    /** Returns where the MSI-X table is, or null without MSI-X. */
    public @Nullable MsixLayout msix() {
        return msix;
    }

    /** Returns where the MSI-X capability is. */
    public OptionalInt msixOffset() {
        return msix == null ? OptionalInt.empty() : OptionalInt.of(msixOffset);
    }

    /** Returns whether the interrupt pin is in use. */
    public boolean hasInterruptPin() {
        return pin;
    }

    /** Returns where the MSI capability is. */
    public OptionalInt msiOffset() {
        return msiOffset == 0 ? OptionalInt.empty() : OptionalInt.of(msiOffset);
    }

    /** Returns where the PCI Express capability is. */
    public OptionalInt expressOffset() {
        return expressOffset == 0 ? OptionalInt.empty() : OptionalInt.of(expressOffset);
    }

    /** Returns a copy of the values after reset. */
    public byte[] valuesAfterReset() {
        return values.array().clone();
    }

    /** Returns a copy of the bits that can be written. */
    public byte[] writableBits() {
        return writable.array().clone();
    }
}
