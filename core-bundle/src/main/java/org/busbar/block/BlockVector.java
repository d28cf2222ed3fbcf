package org.busbar.block;

import java.lang.foreign.MemorySegment;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The pieces of memory that one request reads into or writes from, in order, and its metadata. Made by
 * {@link BlockQueue#newVector} and used again and again; allocates nothing afterwards. It may be changed as soon as a
 * request that uses it has been prepared. For one thread at a time.
 */
@ProviderType
public interface BlockVector {

    /** Takes all pieces and the metadata out again. */
    BlockVector clear();

    /**
     * Adds a piece.
     *
     * @param buffer the segment that {@link BlockQueue#allocate} returned, whole
     * @param offset where in it the piece starts, a multiple of 4
     * @param bytes its length, a multiple of 4, at least 4
     * @throws IllegalArgumentException if the piece is not inside a buffer of the queue
     * @throws IllegalStateException if there are as many pieces as it was made for
     */
    BlockVector add(MemorySegment buffer, long offset, long bytes);

    /**
     * Says where the metadata of all blocks lies, one block's after the other's. Only for devices that keep it apart
     * from the data.
     *
     * @param buffer the segment that {@link BlockQueue#allocate} returned, whole
     * @param offset where in it the metadata starts, a multiple of 4
     */
    BlockVector metadata(MemorySegment buffer, long offset);

    /** Returns how many pieces there are. */
    int count();

    /** Returns the bytes of all pieces. */
    long bytes();
}
