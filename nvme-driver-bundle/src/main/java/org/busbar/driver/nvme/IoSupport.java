package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockMetadata;

/**
 * What Identify Controller says of the I/O command set (NVMe Base 1.4, section 5.15.2.2, figure 247).
 *
 * @param adminCommands OACS
 * @param commands ONCS
 * @param sgls SGLS
 * @param cache VWC
 * @param copyFormats OCFS (NVMe Base 2.0, figure 275)
 */
record IoSupport(int adminCommands, int commands, int sgls, int cache, int copyFormats) {

    /** CDW10 of Dataset Management (6.7) counts ranges in 8 bits. */
    private static final int MAX_RANGES = 256;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

    static IoSupport parse(MemorySegment page) {
        return new IoSupport(
                page.get(SHORT, 256) & 0xffff,
                page.get(SHORT, 520) & 0xffff,
                page.get(ValueLayout.JAVA_INT_UNALIGNED, 536),
                page.get(ValueLayout.JAVA_BYTE, 525) & 0xff,
                page.get(SHORT, 534) & 0xffff);
    }

    /** For controllers that have the command and cannot carry it out. */
    IoSupport withoutWriteZeroes() {
        return new IoSupport(adminCommands, commands & ~(1 << 3), sgls, cache, copyFormats);
    }

    /** OACS bit 8: whether doorbells may have shadows in memory. */
    boolean hasDoorbellBuffers() {
        return (adminCommands & 1 << 8) != 0;
    }

    /** SGLS bits 1:0: whether the NVM command set takes SGLs; 1 and 2 differ in alignment, and all of ours is that of 2. */
    boolean hasSgls() {
        int support = sgls & 3;
        return support == 1 || support == 2;
    }

    /**
     * Returns what a namespace offers.
     *
     * @param maxTransfer the most bytes that a command may move
     */
    BlockFeatures blockFeatures(NamespaceInfo namespace, long maxTransfer) {
        Set<BlockFeature> supported = features(namespace);
        BlockMetadata metadata = namespace.metadata();
        int bytes = namespace.blockSize() + (metadata.inline() ? metadata.bytes() : 0);
        int ranges = Math.min(MAX_RANGES, PrpLists.descriptors(maxTransfer));
        return new BlockFeatures(
                supported,
                metadata,
                supported.contains(BlockFeature.DEALLOCATE) ? ranges : 0,
                (int) Math.min(maxTransfer / bytes, 1 << 16));
    }

    /** Returns what a namespace can do. Force unit access is part of every write. */
    private Set<BlockFeature> features(NamespaceInfo namespace) {
        Set<BlockFeature> features = EnumSet.of(BlockFeature.FORCE_UNIT_ACCESS);
        add(features, BlockFeature.VOLATILE_CACHE, cache, 0);
        add(features, BlockFeature.COMPARE, commands, 0);
        add(features, BlockFeature.DEALLOCATE, commands, 2);
        add(features, BlockFeature.WRITE_ZEROES, commands, 3);
        add(features, BlockFeature.VERIFY, commands, 7);
        if (namespace.copyLimits().isUsable() && (copyFormats & 1) != 0) {
            add(features, BlockFeature.COPY, commands, 8);
        }
        return features;
    }

    private static void add(Set<BlockFeature> features, BlockFeature feature, int field, int bit) {
        if ((field >>> bit & 1) != 0) {
            features.add(feature);
        }
    }
}
