package org.busbar.emulator.internal.nvme;

import java.nio.file.Path;
import java.util.Optional;
import org.busbar.emulator.NvmeNamespace;
import org.jspecify.annotations.Nullable;

/** A namespace: where its blocks are, how they look, and whether the controller offers it. */
final class Namespace implements AutoCloseable {

    private static final long MAX_SIZE = 1L << 40;

    private final int id;
    private final NamespaceNames names;
    private final BlockStorage data;
    private final boolean shared;
    private @Nullable BlockStorage metadata;
    private LbaFormat format;
    private boolean extended;
    private int protection;
    private boolean protectionFirst;
    private long blocks;
    private boolean attached;

    /**
     * @param shared whether other controllers have it, too
     * @throws IllegalArgumentException if there cannot be such a namespace; the message says why
     */
    Namespace(int id, NamespaceNames names, NvmeNamespace made, boolean shared) {
        this.id = id;
        this.shared = shared;
        this.names = names;
        blocks = made.blocks();
        format = LbaFormat.of(made);
        data = storage(made.file(), size(blocks, format), shared);
        shape(made.extended(), made.protection(), false);
    }

    private static long size(long blocks, LbaFormat format) {
        if (blocks < 1 || blocks > MAX_SIZE >> format.blockShift()) {
            throw new IllegalArgumentException("an emulated SSD has at least a block and at most 1 TiB, not " + blocks
                    + " blocks of " + format.blockSize() + " bytes");
        }
        return blocks << format.blockShift();
    }

    private static BlockStorage storage(Optional<Path> file, long size, boolean shared) {
        return file.<BlockStorage>map(path -> FileStorage.open(path, size, shared))
                .orElseGet(() -> new MemoryStorage(size));
    }

    private void shape(boolean atTheEndOfBlocks, int protectionType, boolean first) {
        extended = atTheEndOfBlocks && format.metadata() > 0;
        protection = protectionType;
        protectionFirst = first;
        BlockStorage old = metadata;
        if (old != null) {
            old.close();
        }
        long size = blocks * format.metadata();
        if (size == 0) {
            metadata = null;
        } else {
            metadata = protection == 0 ? new MemoryStorage(size) : MemoryStorage.ofOnes(size);
        }
    }

    /**
     * Erases everything and gives the blocks another form (Format NVM, section 5.23).
     *
     * @return whether this namespace can have it
     */
    boolean format(LbaFormat wanted, boolean atTheEndOfBlocks, int protectionType, boolean first) {
        long fit = size() >> wanted.blockShift();
        if (fit == 0 || (data instanceof FileStorage && wanted.metadata() > 0)) {
            return false;
        }
        data.erase(0, data.size());
        blocks = fit;
        format = wanted;
        shape(atTheEndOfBlocks, protectionType, first);
        return true;
    }

    /**
     * Changes the size.
     *
     * @throws IllegalArgumentException if that is not possible; the message says why
     */
    void resize(long wanted) {
        data.resize(size(wanted, format));
        BlockStorage beside = metadata;
        if (beside != null) {
            beside.resize(wanted * format.metadata());
        }
        blocks = wanted;
    }

    int id() {
        return id;
    }

    NamespaceNames names() {
        return names;
    }

    /** Whether other controllers have it, too. */
    boolean shared() {
        return shared;
    }

    BlockStorage data() {
        return data;
    }

    /** Returns where metadata is kept, if blocks have any. */
    @Nullable
    BlockStorage metadata() {
        return metadata;
    }

    LbaFormat format() {
        return format;
    }

    int blockShift() {
        return format.blockShift();
    }

    /** Returns whether metadata is transferred at the end of each block. */
    boolean extended() {
        return extended;
    }

    /** Returns the type of protection information, 0 for none. */
    int protection() {
        return protection;
    }

    /** Returns whether protection information is at the beginning of metadata rather than at its end. */
    boolean protectionFirst() {
        return protectionFirst;
    }

    long blocks() {
        return blocks;
    }

    /** Returns how many bytes of data there are. */
    long size() {
        return blocks << format.blockShift();
    }

    boolean attached() {
        return attached;
    }

    void attached(boolean now) {
        attached = now;
    }

    /** Returns whether some of these blocks do not exist. */
    boolean outside(long first, long count) {
        return first < 0 || count > blocks || first > blocks - count;
    }

    /** Makes blocks read as zeros, with metadata as if they had never been written. */
    void deallocate(long first, long count) {
        data.erase(first << format.blockShift(), count << format.blockShift());
        BlockStorage beside = metadata;
        if (beside != null) {
            beside.erase(first * format.metadata(), count * format.metadata());
        }
    }

    @Override
    public void close() {
        data.close();
        BlockStorage beside = metadata;
        if (beside != null) {
            beside.close();
        }
    }
}
