package org.busbar.block.io;

import java.nio.ByteBuffer;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.device.Deadline;

/** Blocks in an array. */
final class MemoryDevice implements BlockDevice {

    final byte[] content;
    private final int blockSize;
    /** How many blocks of the content there are. */
    private volatile int blocks;
    /** Runs before blocks are read or written. */
    volatile Runnable before = () -> {};

    MemoryDevice(int blocks, int blockSize) {
        this.content = new byte[blocks * blockSize];
        this.blockSize = blockSize;
        this.blocks = blocks;
    }

    void resize(int now) {
        blocks = now;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public long blockCount() {
        return blocks;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public int maxBlocksPerRequest() {
        return 8;
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) {
        int bytes = whole(block, target);
        synchronized (content) {
            target.put(content, (int) block * blockSize, bytes);
        }
    }

    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) {
        int bytes = whole(block, source);
        synchronized (content) {
            source.get(content, (int) block * blockSize, bytes);
        }
    }

    private int whole(long block, ByteBuffer buffer) {
        before.run();
        if (buffer.remaining() == 0 || buffer.remaining() % blockSize != 0) {
            throw new IllegalArgumentException(buffer.remaining() + " bytes are no whole blocks");
        }
        if (block + buffer.remaining() / blockSize > blocks) {
            throw new IllegalArgumentException("there are " + blocks + " blocks");
        }
        return buffer.remaining();
    }

    @Override
    public void flush(Deadline deadline) {}

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        throw BlockIOException.notSupported(name(), "queues");
    }
}
