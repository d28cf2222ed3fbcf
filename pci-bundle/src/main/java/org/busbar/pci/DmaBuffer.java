package org.busbar.pci;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A piece of memory that a device can reach. After {@link #close}, or after the binding has ended, accesses to the
 * segment throw {@link IllegalStateException}, or touch memory that belongs to the same binding; never anything else.
 * Memory that was not allocated for the device, see {@link Dma#map}, remains what it was.
 */
@ProviderType
public interface DmaBuffer extends AutoCloseable {

    /** Returns the memory as the program sees it, native, {@link #size} bytes. */
    MemorySegment memory();

    /** Returns the address at which the device sees the first byte. */
    long address();

    /** Returns the size in bytes, a multiple of the page size. */
    long size();

    /**
     * Gives the memory back. The device must not use it any more. Repeated calls do nothing.
     *
     * @throws IllegalStateException if the host cannot keep the device from reaching it; then the memory is kept
     */
    @Override
    void close();
}
