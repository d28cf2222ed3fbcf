package org.busbar.block;

import java.util.Set;

/**
 * What a block device offers.
 *
 * @param supported what it can do besides reading and writing
 * @param metadata the metadata that goes with each block
 * @param maxRangesPerRequest how many ranges one {@link BlockQueue#deallocate} may name; 0 if it is not supported
 * @param maxBlocksPerRequest how many blocks one request that moves data may span; the blocking methods split for
 *     themselves
 */
public record BlockFeatures(
        Set<BlockFeature> supported, BlockMetadata metadata, int maxRangesPerRequest, int maxBlocksPerRequest) {

    /** Reading and writing, and nothing more. */
    public static final BlockFeatures BASIC = new BlockFeatures(Set.of(), BlockMetadata.NONE, 0, 1);

    public BlockFeatures {
        supported = Set.copyOf(supported);
    }

    /** Returns whether the device has a feature. */
    public boolean has(BlockFeature feature) {
        return supported.contains(feature);
    }
}
