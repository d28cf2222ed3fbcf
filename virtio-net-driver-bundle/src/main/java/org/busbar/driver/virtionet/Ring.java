package org.busbar.driver.virtionet;

import org.busbar.pci.DmaBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The driver's side of a virtqueue, in either format. Buffers of one or several pieces are added, published together, and
 * taken back when the device has used them. For one thread at a time but for {@link #settled}; allocates nothing after
 * construction.
 *
 * <p>The device is not trusted: whatever it writes, {@link #take} returns only what was added, and each once. A device
 * that breaks the rules is not read any further, and {@link #fault} says what it did.
 *
 * <p>There are these two implementations and no more, so that a call is never slower than a comparison.
 */
sealed interface Ring permits SplitRing, PackedRing {

    /** What {@link #take} returns when there is nothing. */
    int NONE = -1;

    /** Flags of a piece, as both formats have them: another one follows; the device writes it. */
    int NEXT = 1;

    int WRITE = 2;

    /** Makes a virtqueue in zeroed memory of at least {@link #bytes}. */
    static Ring create(boolean packed, DmaBuffer memory, int size, boolean eventIndex) {
        return packed ? new PackedRing(memory, size, eventIndex) : new SplitRing(memory, size, eventIndex);
    }

    /** Returns the memory that a virtqueue of either format needs: 16 bytes a descriptor, 10 more if split, and some. */
    static long bytes(int size) {
        return 26L * size + 64;
    }

    /** Begins anew, with nothing in it, as the device does after a reset; it must not know the ring just now. */
    void clear();

    /** Where the device finds the areas. */
    long descriptorArea();

    long driverArea();

    long deviceArea();

    int size();

    /** How many pieces can be added. */
    int free();

    /**
     * Adds a piece, of which there must be one free.
     *
     * @param flags {@link #NEXT} if the next call adds to the same buffer, {@link #WRITE}
     * @return the buffer's number, 0 to {@link #size} - 1; for all pieces of a buffer the same
     */
    int add(long address, int length, int flags);

    /**
     * Lets the device have what was added.
     *
     * @return whether it wants to be notified
     */
    boolean publish();

    /** Whether {@link #take} would return something. */
    boolean hasUsed();

    /** Takes back the next buffer that the device has used: its number, or {@link #NONE}. */
    int take();

    /** How many pieces the buffers have that {@link #take} would return just now. */
    int usedPieces();

    /** How many bytes the device says that it has written to the buffer that was taken last; 0 to 2^32 - 1. */
    long written();

    /** Asks for an interrupt at the next used buffer. One that was used just before may bring none: look again. */
    void arm();

    /** Asks for no interrupts. */
    void silence();

    /** Whether the device has used all that was published. Any thread. */
    boolean settled();

    /** Stops reading what the device writes. The first reason counts. */
    void fail(String why);

    /** What the device did wrong; null as long as it did nothing. */
    @Nullable
    String fault();

    /** Whether a peer that wants to hear of entry {@code event} is to be told of those from old to now, now excluded (2.7.10). */
    static boolean crosses(int event, int now, int old) {
        return (now - event - 1 & 0xffff) < (now - old & 0xffff);
    }
}
