package org.busbar.driver.nvme;

import org.busbar.block.BlockMetadata;
import org.busbar.block.ProtectionOptions;
import org.busbar.block.RequestOptions;

/**
 * What options mean for the command dwords of reads, writes and their like (NVMe Base 1.4, sections 6.6, 6.9, 6.15 and
 * 6.17): worked out once, and again only for other options. For one thread at a time; allocates nothing.
 */
final class Control {

    // CDW12
    private static final int LIMITED_RETRY = 1 << 31;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;
    private static final int PROTECTION_ACTION = 1 << 29;
    private static final int CHECK_GUARD = 1 << 28;
    private static final int CHECK_APPLICATION = 1 << 27;
    private static final int CHECK_REFERENCE = 1 << 26;
    private static final int DEALLOCATE = 1 << 25;

    private final int blockSize;
    private final BlockMetadata metadata;
    private RequestOptions latest = RequestOptions.NONE;
    private int flags;
    private int tags;
    private int bytesPerBlock;
    private boolean movesMetadata;

    Control(int blockSize, BlockMetadata metadata) {
        this.blockSize = blockSize;
        this.metadata = metadata;
        set(RequestOptions.NONE);
    }

    @SuppressWarnings("ReferenceEquality") // equal options would do as well, but comparing them costs more than it saves
    Control use(RequestOptions options) {
        if (options != latest) {
            set(options);
        }
        return this;
    }

    private void set(RequestOptions options) {
        latest = options;
        flags = flag(LIMITED_RETRY, options.limitedRetry())
                | flag(FORCE_UNIT_ACCESS, options.forceUnitAccess())
                | flag(DEALLOCATE, options.deallocate());
        tags = 0;
        if (metadata.isProtected()) {
            ProtectionOptions protection = options.protection();
            flags |= flag(PROTECTION_ACTION, protection.byDevice())
                    | flag(CHECK_GUARD, protection.checkGuard())
                    | flag(CHECK_APPLICATION, protection.checkApplication())
                    | flag(CHECK_REFERENCE, protection.checkReference() && metadata.protectionType() != 3);
            tags = protection.applicationMask() << 16 | protection.applicationTag();
        }
        boolean moved = metadata.bytes() > 0 && !metadata.isStripped(options);
        bytesPerBlock = moved && metadata.inline() ? blockSize + metadata.bytes() : blockSize;
        movesMetadata = moved && !metadata.inline();
    }

    private static int flag(int bit, boolean set) {
        return set ? bit : 0;
    }

    /** CDW12 and 13: flags and the zero-based count. DEAC is for Write Zeroes alone. */
    long count(int blocks) {
        return ((flags & ~DEALLOCATE) | blocks - 1) & 0xffff_ffffL;
    }

    /** CDW12 and 13 of Write Zeroes. */
    long zeroes(int blocks) {
        return (flags | blocks - 1) & 0xffff_ffffL;
    }

    /** CDW12 and 13 of Verify, which moves nothing: protection information is checked where it is. */
    long verification(int blocks) {
        return ((flags & ~DEALLOCATE & ~PROTECTION_ACTION) | blocks - 1) & 0xffff_ffffL;
    }

    /** CDW12 and 13 of Copy: the zero-based count of ranges; what is read is checked as what is written. */
    long ranges(int ranges) {
        int read = flags >>> 26 & 0xf;
        return ((flags & ~DEALLOCATE) | read << 12 | ranges - 1) & 0xffff_ffffL;
    }

    /** CDW14 and 15: reference tag of the first block, application tag and mask. */
    long tags(long block) {
        return metadata.isProtected() ? (block & 0xffff_ffffL) | (long) tags << 32 : 0;
    }

    /** Bytes in the data buffer for each block. */
    int bytesPerBlock() {
        return bytesPerBlock;
    }

    /** Whether there is a metadata buffer besides the data. */
    boolean movesMetadata() {
        return movesMetadata;
    }
}
