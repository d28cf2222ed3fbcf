package org.busbar.emulator.internal.model;

/**
 * Where a device keeps its MSI-X table and pending bits (PCI Local Bus 3.0, section 6.8.2).
 *
 * @param vectors 1 to 2,048
 * @param bar the base address register that both are behind
 * @param tableOffset a multiple of 8
 * @param pendingOffset a multiple of 8
 */
public record MsixLayout(int vectors, int bar, int tableOffset, int pendingOffset) {

    /** Bytes per table entry. */
    public static final int ENTRY = 16;

    public MsixLayout {
        if (vectors < 1 || vectors > 2048 || (tableOffset & 7) != 0 || (pendingOffset & 7) != 0) {
            throw new IllegalArgumentException("no MSI-X layout: " + vectors + " vectors, table at " + tableOffset
                    + ", pending bits at " + pendingOffset);
        }
    }

    /** Returns the bytes that the table takes. */
    public int tableSize() {
        return vectors * ENTRY;
    }

    /** Returns the bytes that the pending bits take. */
    public int pendingSize() {
        return (vectors + 63) / 64 * 8;
    }
}
