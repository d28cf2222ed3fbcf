package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.Optional;
import org.busbar.block.BlockMetadata;

/**
 * What Identify Namespace says (NVMe Base 1.4, section 5.15.2.1, figure 245), as far as it is used.
 *
 * @param nsid namespace identifier
 * @param blockCount NSZE
 * @param blockShift LBADS of the format in use: the block size as a power of two
 * @param metadata MS of the format in use, FLBAS bit 4, and DPS
 * @param copyLimits what one Copy command may do
 * @param identity NGUID, or else EUI64, in lowercase hex; empty if the namespace has neither
 */
record NamespaceInfo(
        int nsid,
        long blockCount,
        int blockShift,
        BlockMetadata metadata,
        CopyLimits copyLimits,
        Optional<String> identity) {

    private static final int FLBAS = 26;
    private static final int DPS = 29;
    private static final int NGUID = 104;
    private static final int EUI64 = 120;
    private static final int LBA_FORMATS = 128;

    static NamespaceInfo parse(int nsid, MemorySegment page) {
        int format = page.get(ValueLayout.JAVA_BYTE, FLBAS) & 0xf;
        int lbaf = page.get(ValueLayout.JAVA_INT_UNALIGNED, LBA_FORMATS + 4L * format);
        return new NamespaceInfo(
                nsid,
                page.get(ValueLayout.JAVA_LONG_UNALIGNED, 0),
                lbaf >>> 16 & 0xff,
                metadata(lbaf & 0xffff, page),
                CopyLimits.parse(page),
                identifier(page, NGUID, 16).or(() -> identifier(page, EUI64, 8)));
    }

    /** A controller that contradicts itself is taken to have no protection information. */
    private static BlockMetadata metadata(int bytes, MemorySegment page) {
        int protection = page.get(ValueLayout.JAVA_BYTE, DPS);
        int type = protection & 7;
        boolean possible = type <= 3 && bytes >= BlockMetadata.PROTECTION_BYTES;
        boolean inline = bytes > 0 && (page.get(ValueLayout.JAVA_BYTE, FLBAS) & 1 << 4) != 0;
        return new BlockMetadata(bytes, inline, possible ? type : 0, possible && (protection & 8) != 0);
    }

    /**
     * Returns why this driver does not offer the namespace, or nothing.
     *
     * @param maxTransfer the most bytes that a command may move
     */
    Optional<String> unsupported(long maxTransfer) {
        if (blockCount <= 0) {
            return Optional.of("it has no blocks");
        }
        if (blockCount > Long.MAX_VALUE >> 16) {
            return Optional.of(
                    "it claims " + Long.toUnsignedString(blockCount) + " blocks, more than can be counted in bytes");
        }
        if (blockShift < 9 || blockShift > 16) {
            return Optional.of("its blocks have 2^" + blockShift + " bytes; 512 to 65536 are supported");
        }
        if (blockSize() > maxTransfer) {
            return Optional
                    .of("its blocks have " + blockSize() + " bytes, and a command may move " + maxTransfer + " (MDTS)");
        }
        if (metadata.bytes() > 0) {
            return Optional.of("its blocks carry " + metadata.bytes() + " bytes of metadata and protection type "
                    + metadata.protectionType() + "; neither is supported");
        }
        return Optional.empty();
    }

    /** Checks that a range of blocks lies inside. */
    void check(long block, long blocks) {
        if (blocks < 1 || block < 0 || blocks > blockCount - block) {
            throw new IllegalArgumentException(
                    "blocks " + block + " to " + (block + blocks - 1) + " are not all inside 0 to " + (blockCount - 1));
        }
    }

    int blockSize() {
        return 1 << blockShift;
    }

    private static Optional<String> identifier(MemorySegment page, long offset, int length) {
        byte[] bytes = page.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        for (byte b : bytes) {
            if (b != 0) {
                return Optional.of(HexFormat.of().formatHex(bytes));
            }
        }
        return Optional.empty();
    }
}
