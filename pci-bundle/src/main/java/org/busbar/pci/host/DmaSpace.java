package org.busbar.pci.host;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.pci.DmaException;
import org.osgi.annotation.versioning.ConsumerType;

/** The addresses that a function can be given access to. Called by one thread at a time. */
@ConsumerType
public interface DmaSpace {

    /** Returns the ranges of addresses that may be mapped, ascending, not overlapping. */
    List<Range> ranges();

    /** Returns the granule of mappings in bytes, a power of two of at least 4,096. */
    long pageSize();

    /**
     * Returns how much it is worth while to map at once, in bytes, a multiple of the page size. Smaller allocations are
     * carved out of one mapping. A host that checks accesses exactly gives the page size.
     */
    long chunkSize();

    /**
     * Maps new, zeroed memory.
     *
     * @param address the function's address of the first byte, page-aligned, within {@link #ranges}
     * @param size bytes, a multiple of the page size
     * @return the memory, native, accessible from any thread until {@link #unmap}
     * @throws DmaException if that is not possible; the message says which limit was met and how to raise it
     */
    MemorySegment map(long address, long size) throws DmaException;

    /**
     * Maps memory that somebody else has allocated, and keeps until it is unmapped. This is left to hosts that can: one
     * whose devices are in other processes shares memory by its file descriptor, and memory that comes as a segment has
     * none.
     *
     * @param address as above
     * @param memory native, page-aligned, of whole pages
     * @throws DmaException as above, or if this host cannot do it
     */
    default void map(long address, MemorySegment memory) throws DmaException {
        throw new DmaException(
                "this host shares only memory that it has allocated itself with devices: use Dma.allocate");
    }

    /**
     * Ends a mapping: the function cannot reach the memory any more when this returns. Memory that the host has allocated
     * is freed, and accesses through its segment throw {@link IllegalStateException} from then on.
     *
     * @param address as given to {@link #map}
     * @throws IllegalStateException if the function may still reach the memory: then it is not freed, whoever has
     *     allocated it, and the address must not be used again
     */
    void unmap(long address);

    /**
     * A range of addresses.
     *
     * @param first first address
     * @param last last address, inclusive, unsigned
     */
    record Range(long first, long last) {}
}
