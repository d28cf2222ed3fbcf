package org.busbar.pci;

import org.osgi.annotation.versioning.ProviderType;

/** Memory that a device can reach. All of it is unmapped from the device when the binding ends. Thread-safe. */
@ProviderType
public interface Dma {

    /** Returns the granule of allocations in bytes, a power of two of at least 4,096. */
    long pageSize();

    /**
     * Allocates zeroed memory that the device reaches at one contiguous range of its addresses, aligned to
     * {@link #pageSize}.
     *
     * @param bytes at least 1; rounded up to whole pages
     * @throws DmaException if there is no more; the message says which limit was met and how to raise it
     */
    DmaBuffer allocate(long bytes) throws DmaException;
}
