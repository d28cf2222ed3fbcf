package org.busbar.pci.internal.vfio;

/**
 * A part of a region.
 *
 * @param offset of its first byte
 * @param size bytes
 */
public record Area(long offset, long size) {

    /** Returns the offset after the last byte. */
    public long end() {
        return offset + size;
    }
}
