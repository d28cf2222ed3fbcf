package org.busbar.driver.nvme;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.block.BlockMetadata;
import org.busbar.device.DeviceGoneException;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceIdentity.LbaFormat;

/**
 * A namespace as the data path sees it. Its format never changes: a namespace in another format is another object, and the
 * old one is retired. Its size may change. Thread-safe.
 */
final class NamespaceInfo {

    /** Protection information with guards of 16 bits (PIF), as NVMe 1.4 has it; later there are longer ones. */
    static final int GUARD_16 = 0;

    private final NamespaceIdentity identity;
    private final BlockMetadata metadata;
    private final CopyLimits copyLimits;
    private final int guards;
    private final AtomicInteger users = new AtomicInteger();
    private volatile long blockCount;
    private volatile boolean retired;

    /** @param copyLimits what one Copy command may do */
    NamespaceInfo(NamespaceIdentity identity, CopyLimits copyLimits) {
        this(identity, copyLimits, GUARD_16);
    }

    /**
     * @param copyLimits what one Copy command may do
     * @param guards format of the protection information, if it has any (PIF)
     */
    NamespaceInfo(NamespaceIdentity identity, CopyLimits copyLimits, int guards) {
        this.guards = guards;
        this.identity = identity;
        this.metadata = metadata(identity);
        this.copyLimits = copyLimits;
        this.blockCount = identity.blocks();
    }

    /** A controller that contradicts itself is taken to have no protection information. */
    private static BlockMetadata metadata(NamespaceIdentity identity) {
        int bytes = identity.lbaFormat().metadataBytes();
        boolean possible = identity.protection() <= 3 && bytes >= BlockMetadata.PROTECTION_BYTES;
        return new BlockMetadata(
                bytes,
                bytes > 0 && identity.metadataInline(),
                possible ? identity.protection() : 0,
                possible && identity.protection() > 0 && identity.protectionFirst());
    }

    NamespaceIdentity identity() {
        return identity;
    }

    int nsid() {
        return identity.nsid();
    }

    long blockCount() {
        return blockCount;
    }

    /** Whether the controller describes the same namespace in the same format, so that only its size may differ. */
    boolean isLike(NamespaceInfo other) {
        LbaFormat format = identity.lbaFormat();
        return format.equals(other.identity.lbaFormat())
                && metadata.equals(other.metadata)
                && copyLimits.equals(other.copyLimits)
                && identity.eui64().equals(other.identity.eui64())
                && identity.nguid().equals(other.identity.nguid())
                && identity.uuid().equals(other.identity.uuid());
    }

    void resize(long blocks) {
        blockCount = blocks;
    }

    /** Bytes per block as a power of two (LBADS). */
    int blockShift() {
        return identity.lbaFormat().blockShift();
    }

    int blockSize() {
        return 1 << blockShift();
    }

    /** What each block has besides data: MS, FLBAS bit 4 and DPS. */
    BlockMetadata metadata() {
        return metadata;
    }

    CopyLimits copyLimits() {
        return copyLimits;
    }

    /** What identifies the medium wherever it is: NGUID, or else EUI64, or else UUID. */
    Optional<String> lasting() {
        return identity.nguid().or(identity::eui64).or(() -> identity.uuid().map(UUID::toString));
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
        if (blockShift() < 9 || blockShift() > 16) {
            return Optional.of("its blocks have 2^" + blockShift() + " bytes; 512 to 65536 are supported");
        }
        if (identity.protection() != 0 && guards != GUARD_16) {
            return Optional.of("its protection information is of format " + guards
                    + " (PIF; 1 has guards of 32 bits, 2 of 64); guards of 16 bits are supported");
        }
        if (blockSize() + metadata.bytes() > Math.min(maxTransfer, BlockingIo.SLOT_BYTES)) {
            return Optional.of("its blocks have " + blockSize() + " bytes and " + metadata.bytes()
                    + " bytes of metadata, and a command may move " + maxTransfer + " (MDTS)");
        }
        return Optional.empty();
    }

    /** Checks that a range of blocks lies inside. */
    void check(long block, long blocks) {
        requireActive();
        long count = blockCount;
        if (blocks < 1 || block < 0 || blocks > count - block) {
            throw new IllegalArgumentException(
                    "blocks " + block + " to " + (block + blocks - 1) + " are not all inside 0 to " + (count - 1));
        }
    }

    /** The namespace is detached or gets another format: no more requests. */
    void retire() {
        retired = true;
    }

    /** Begins a use: what is being used is not detached or formatted. To be followed by {@link #leave}. */
    void enter() {
        users.incrementAndGet();
        if (retired) {
            users.decrementAndGet();
            requireActive();
        }
    }

    void leave() {
        users.decrementAndGet();
    }

    boolean isInUse() {
        return users.get() > 0;
    }

    private void requireActive() {
        if (retired) {
            throw new DeviceGoneException("namespace " + Integer.toUnsignedString(nsid())
                    + " was detached or formatted; what is there now has to be opened anew");
        }
    }
}
