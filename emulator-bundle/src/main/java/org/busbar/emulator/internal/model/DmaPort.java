package org.busbar.emulator.internal.model;

import java.lang.foreign.MemorySegment;

/**
 * A device's way to memory, through its IOMMU. Each access is carried out whole or not at all, and {@code false} says not
 * at all: the addresses are not mapped (which is recorded), bus mastering is off, or the card was pulled. Any thread of
 * the device; allocates nothing. Numbers are little endian.
 */
public interface DmaPort {

    /**
     * Copies from memory into the device.
     *
     * @param address first address as the device knows it
     * @param target the device's own memory
     * @param offset where in it
     * @param length bytes, at least 0
     * @return whether it was carried out
     */
    boolean read(long address, MemorySegment target, long offset, long length);

    /**
     * Copies from the device into memory.
     *
     * @param address first address as the device knows it
     * @param source the device's own memory
     * @param offset where in it
     * @param length bytes, at least 0
     * @return whether it was carried out
     */
    boolean write(long address, MemorySegment source, long offset, long length);

    /**
     * Writes 32 bits as one release store: whoever sees them sees what was written before.
     *
     * @param address a multiple of 4
     * @return whether it was carried out
     */
    boolean write32(long address, int value);

    /**
     * Writes 64 bits as one release store: whoever sees them sees what was written before.
     *
     * @param address a multiple of 8
     * @return whether it was carried out
     */
    boolean write64(long address, long value);
}
