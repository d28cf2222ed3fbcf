package org.busbar.emulator;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A namespace as it is made.
 *
 * @param blocks size in blocks, at least 1
 * @param blockSize bytes of data per block, 512 or 4,096
 * @param metadata bytes of metadata per block: 0, 8, 16 or 64
 * @param extended whether metadata is transferred with the data, at the end of each block, instead of apart
 * @param protection type of protection information, 1 to 3, in the last 8 bytes of metadata; 0 for none
 * @param file where the blocks are kept, created if missing; in memory if empty. Blocks in a file have no metadata
 */
public record NvmeNamespace(
        long blocks, int blockSize, int metadata, boolean extended, int protection, Optional<Path> file) {

    public NvmeNamespace {
        if (blocks < 1 || (blockSize != 512 && blockSize != 4096)) {
            throw new IllegalArgumentException(
                    "an SSD has at least one block of 512 or 4096 bytes, not " + blocks + " of " + blockSize);
        }
        if (metadata != 0 && metadata != 8 && metadata != 16 && metadata != 64) {
            throw new IllegalArgumentException("a block has 0, 8, 16 or 64 bytes of metadata, not " + metadata);
        }
        if (protection < 0 || protection > 3 || (protection > 0 && metadata == 0)) {
            throw new IllegalArgumentException("protection information is of type 1 to 3 and needs 8 bytes of metadata;"
                    + " type " + protection + " in " + metadata + " bytes cannot be");
        }
        if (metadata > 0 && file.isPresent()) {
            throw new IllegalArgumentException("blocks that are kept in a file have no metadata");
        }
    }

    /** A namespace in memory, without metadata. */
    public static NvmeNamespace of(long blocks, int blockSize) {
        return new NvmeNamespace(blocks, blockSize, 0, false, 0, Optional.empty());
    }

    /** A namespace like this one with metadata. */
    public NvmeNamespace with(int bytes, boolean atTheEndOfBlocks, int protectionType) {
        return new NvmeNamespace(blocks, blockSize, bytes, atTheEndOfBlocks, protectionType, file);
    }
}
