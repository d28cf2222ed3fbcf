package org.busbar.driver.nvme;

import java.util.List;
import org.busbar.block.BlockRange;

/**
 * Prepares commands of the NVM command set (NVMe Base 1.4, section 6) in a queue. Each method returns whether there was
 * room. For the queue's owner; allocates nothing.
 */
final class NvmCommands {

    private static final int NONE = Identifiers.NONE;

    private final CommandQueue queue;
    private final DataPointers pointers;

    NvmCommands(CommandQueue queue, DataPointers pointers) {
        this.queue = queue;
        this.pointers = pointers;
    }

    /**
     * Prepares a command that moves data (NVMe Base 1.4, sections 6.6, 6.9, 6.15).
     *
     * @param metadata the device's address of the metadata, if {@code control} says that it is moved
     * @return whether there was room
     */
    boolean transfer(
            int opcode,
            int nsid,
            long block,
            int blocks,
            Control control,
            long address,
            long bytes,
            long metadata,
            long tag) {
        int slot = queue.take(tag);
        if (slot == NONE) {
            return false;
        }
        try {
            pointers.contiguous(slot, address, bytes);
            queue.write(slot, opcode, nsid, metadata, block, control.count(blocks), control.tags(block));
        } catch (IllegalStateException e) {
            throw queue.goneOr(slot, e);
        }
        return true;
    }

    /** Prepares a command that moves data in pieces. The pieces were checked. */
    boolean transfer(
            int opcode, int nsid, long block, int blocks, Control control, NvmeVector data, long metadata, long tag) {
        int slot = queue.take(tag);
        if (slot == NONE) {
            return false;
        }
        try {
            pointers.pieces(slot, data);
            queue.write(slot, opcode, nsid, metadata, block, control.count(blocks), control.tags(block));
        } catch (IllegalStateException e) {
            throw queue.goneOr(slot, e);
        }
        return true;
    }

    /** Prepares a command without data. */
    boolean plain(int opcode, int nsid, long cdw10and11, long cdw12and13, long cdw14and15, long tag) {
        int slot = queue.take(tag);
        if (slot == NONE) {
            return false;
        }
        try {
            pointers.none();
            queue.write(slot, opcode, nsid, 0, cdw10and11, cdw12and13, cdw14and15);
        } catch (IllegalStateException e) {
            throw queue.goneOr(slot, e);
        }
        return true;
    }

    /** Prepares Dataset Management (6.7): the zero-based count of ranges in CDW10, attribute deallocate in CDW11. */
    boolean deallocate(int nsid, List<BlockRange> ranges, long tag) {
        int slot = queue.take(tag);
        if (slot == NONE) {
            return false;
        }
        try {
            pointers.ranges(slot, ranges);
            queue.write(slot, Opcode.DATASET_MANAGEMENT, nsid, 0, ranges.size() - 1 | Opcode.DSM_DEALLOCATE << 32, 0,
                    0);
        } catch (IllegalStateException e) {
            throw queue.goneOr(slot, e);
        }
        return true;
    }

    /** Prepares Copy (NVM command set 1.0, section 3.2.2), with ranges of format 0. */
    boolean copy(int nsid, List<BlockRange> from, long to, Control control, long tag) {
        int slot = queue.take(tag);
        if (slot == NONE) {
            return false;
        }
        try {
            pointers.copyRanges(slot, from);
            queue.write(slot, Opcode.COPY, nsid, 0, to, control.ranges(from.size()), control.tags(to));
        } catch (IllegalStateException e) {
            throw queue.goneOr(slot, e);
        }
        return true;
    }
}
