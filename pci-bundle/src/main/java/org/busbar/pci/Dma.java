package org.busbar.pci;

import java.lang.foreign.MemorySegment;
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

    /**
     * Allocates as {@link #allocate(long)} does, and gives the memory a name by which a successor finds it if the driver hands
     * its device over ({@link org.busbar.device.HandoverBinding}): of all memory, that with a name is kept then. It shares no
     * mapping with other memory.
     *
     * @param name unique among what is allocated and not closed
     * @param bytes at least 1; rounded up to whole pages
     * @throws DmaException as above
     * @throws IllegalArgumentException if the name is taken
     */
    default DmaBuffer allocate(String name, long bytes) throws DmaException {
        return allocate(bytes);
    }

    /**
     * Lets the device reach memory that somebody else has allocated, at one contiguous range of its addresses. {@link
     * DmaBuffer#close} ends that, and the memory stays.
     *
     * @param memory native, aligned to {@link #pageSize}, whole pages; to be kept until {@code unreachable} has run
     * @param unreachable called once, when the device cannot reach the memory any more: by {@link DmaBuffer#close}, or at
     *     the end of the binding by the thread that ends it. Never called if the device may go on reaching it, because
     *     the mapping cannot be ended. Must neither block nor throw
     * @throws DmaException if there are no more addresses, or if the host cannot reach memory that it has not allocated
     *     itself; the message says which limit was met and how to raise it
     * @throws IllegalArgumentException if the memory is not native, not aligned or not of whole pages
     */
    default DmaBuffer map(MemorySegment memory, Runnable unreachable) throws DmaException {
        throw new DmaException("devices of this host reach only memory that they have been allocated");
    }
}
