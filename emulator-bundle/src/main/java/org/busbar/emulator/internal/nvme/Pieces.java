package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.internal.model.DmaPort;

/** Pieces of a driver's memory in the order of the data, adjoining ones made one. Filled anew for each command. */
final class Pieces {

    /** Instead of an address: what goes there is thrown away. */
    static final long NOWHERE = Long.MIN_VALUE;

    private final long[] addresses;
    private final long[] lengths;
    private int count;

    Pieces(int most) {
        addresses = new long[most];
        lengths = new long[most];
    }

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    long address(int piece) {
        return addresses[piece];
    }

    long length(int piece) {
        return lengths[piece];
    }

    /** Returns whether there was room for it. */
    boolean add(long address, long length) {
        if (count > 0 && addresses[count - 1] != NOWHERE && addresses[count - 1] + lengths[count - 1] == address) {
            lengths[count - 1] += length;
            return true;
        }
        if (count == addresses.length) {
            return false;
        }
        addresses[count] = address;
        lengths[count] = length;
        count++;
        return true;
    }

    /** Copies from the device; returns the status. */
    int copyOut(DmaPort dma, MemorySegment source, long offset) {
        long at = offset;
        for (int i = 0; i < count; i++) {
            if (addresses[i] != NOWHERE && !dma.write(addresses[i], source, at, lengths[i])) {
                return Status.DATA_TRANSFER_ERROR;
            }
            at += lengths[i];
        }
        return Status.SUCCESS;
    }

    /** Copies into the device; returns the status. */
    int copyIn(DmaPort dma, MemorySegment target, long offset) {
        long at = offset;
        for (int i = 0; i < count; i++) {
            if (!dma.read(addresses[i], target, at, lengths[i])) {
                return Status.DATA_TRANSFER_ERROR;
            }
            at += lengths[i];
        }
        return Status.SUCCESS;
    }
}
