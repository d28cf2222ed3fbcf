package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.block.BlockVector;

/** Pieces of a queue's buffers, by the device's addresses; adjoining ones are one. */
final class NvmeVector implements BlockVector {

    static final long NO_METADATA = -1;

    private static final long IN_PAGE = PrpLists.PAGE - 1;

    private final Buffers buffers;
    private final long[] addresses;
    private final long[] lengths;
    private int count;
    private long bytes;
    private boolean inPages;
    private long metadata;
    private long metadataRoom;

    NvmeVector(Buffers buffers, int pieces) {
        this.buffers = buffers;
        this.addresses = new long[pieces];
        this.lengths = new long[pieces];
        clear();
    }

    @Override
    public NvmeVector clear() {
        count = 0;
        bytes = 0;
        inPages = true;
        metadata = NO_METADATA;
        metadataRoom = 0;
        return this;
    }

    @Override
    public NvmeVector add(MemorySegment buffer, long offset, long length) {
        if (length < 4 || (length & 3) != 0) {
            throw new IllegalArgumentException("a piece has a multiple of 4 bytes, at least 4, not " + length);
        }
        long address = buffers.addressOf(buffer, offset, length);
        long end = count == 0 ? address : addresses[count - 1] + lengths[count - 1];
        if (count > 0 && address == end) {
            lengths[count - 1] += length;
        } else {
            if (count == addresses.length) {
                throw new IllegalStateException("the vector was made for " + count + " pieces");
            }
            inPages &= count == 0 || ((address | end) & IN_PAGE) == 0;
            addresses[count] = address;
            lengths[count] = length;
            count++;
        }
        bytes += length;
        return this;
    }

    @Override
    public NvmeVector metadata(MemorySegment buffer, long offset) {
        metadata = buffers.addressOf(buffer, offset, 0);
        metadataRoom = buffer.byteSize() - offset;
        return this;
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public long bytes() {
        return bytes;
    }

    boolean isOf(Buffers queue) {
        return buffers == queue;
    }

    long address(int piece) {
        return addresses[piece];
    }

    long length(int piece) {
        return lengths[piece];
    }

    /** Whether all pieces meet at page boundaries, so that PRP entries can describe them (4.3). */
    boolean isInPages() {
        return inPages;
    }

    /** The device's address of the metadata, or {@link #NO_METADATA}. */
    long metadata() {
        return metadata;
    }

    /** How many bytes the metadata may have. */
    long metadataRoom() {
        return metadataRoom;
    }
}
