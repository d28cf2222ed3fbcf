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

    MemoryDevice(int blocks, int blockSize) {
        this.content = new byte[blocks * blockSize];
        this.blockSize = blockSize;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public long blockCount() {
        return content.length / blockSize;
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
    public synchronized void read(long block, ByteBuffer target, Deadline deadline) {
        int bytes = whole(target);
        target.put(content, (int) block * blockSize, bytes);
    }

    @Override
    public synchronized void write(long block, ByteBuffer source, Deadline deadline) {
        int bytes = whole(source);
        source.get(content, (int) block * blockSize, bytes);
    }

    private int whole(ByteBuffer buffer) {
        if (buffer.remaining() == 0 || buffer.remaining() % blockSize != 0) {
            throw new IllegalArgumentException(buffer.remaining() + " bytes are no whole blocks");
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
