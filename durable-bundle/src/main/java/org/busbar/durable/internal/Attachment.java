package org.busbar.durable.internal;

import java.util.List;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockVector;
import org.busbar.block.QueueOptions;
import org.jspecify.annotations.Nullable;

/** A volume's queue on one of its paths: the path's own queue, which reaches the volume's memory. For one thread at a time. */
final class Attachment implements AutoCloseable {

    private final Path path;
    private final BlockQueue queue;
    private int mapped;
    private @Nullable BlockVector scratch;
    private int scratchPieces;

    private Attachment(Path path, BlockQueue queue) {
        this.path = path;
        this.queue = queue;
    }

    /** Opens a queue on a path, and has the device reach the memory that there is. */
    static Attachment open(Path path, QueueOptions options, QueueMemory memory) throws BlockIOException {
        Attachment made = new Attachment(path, path.device().openQueue(options));
        boolean done = false;
        try {
            made.map(memory);
            done = true;
            return made;
        } finally {
            if (!done) {
                made.close();
            }
        }
    }

    Path path() {
        return path;
    }

    BlockQueue queue() {
        return queue;
    }

    /** Has the device reach what it does not reach yet. */
    void map(QueueMemory memory) throws BlockIOException {
        List<QueueMemory.Buffer> buffers = memory.buffers();
        while (mapped < buffers.size()) {
            buffers.get(mapped).mapInto(queue);
            mapped++;
        }
    }

    /**
     * Makes sure that vectors of so many pieces can be translated.
     *
     * @throws IllegalArgumentException if the device takes no such vectors
     */
    BlockVector vector(int pieces) {
        BlockVector made = scratch;
        if (made == null || scratchPieces < pieces) {
            made = queue.newVector(pieces);
            scratch = made;
            scratchPieces = pieces;
        }
        return made;
    }

    /** Returns the device's own form of a vector, until the next one is asked for. */
    BlockVector translate(VolumeVector vector) {
        BlockVector own = vector(Math.max(1, vector.count()));
        vector.into(own);
        return own;
    }

    @Override
    public void close() {
        queue.close();
    }
}
