package org.busbar.itest.felix;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.busbar.block.BlockDevice;

/** Writes to the lower half of a block device and reads back what was written. */
final class Workload extends Load {

    private static final int BLOCKS = 8;

    private final BlockDevice device;
    private final Random random;

    private Workload(BlockDevice device) {
        super(device.name());
        this.device = device;
        random = new Random(device.name().hashCode());
    }

    static Workload on(BlockDevice device) throws InterruptedException {
        Workload workload = new Workload(device);
        workload.begin();
        return workload;
    }

    @Override
    void round() throws IOException, InterruptedException {
        verify(device, random.nextLong(device.blockCount() / 2 - BLOCKS), random.nextLong());
    }

    /** Writes blocks made from a seed, reads them again and compares. */
    static void verify(BlockDevice device, long block, long seed) throws IOException, InterruptedException {
        byte[] written = content(device, seed);
        device.write(block, ByteBuffer.wrap(written), Rig.soon());
        check(device, block, seed);
    }

    /** Reads blocks and compares them with what was made from a seed. */
    static void check(BlockDevice device, long block, long seed) throws IOException, InterruptedException {
        ByteBuffer read = ByteBuffer.allocate(BLOCKS * device.blockSize());
        device.read(block, read, Rig.soon());
        int difference = read.flip().mismatch(ByteBuffer.wrap(content(device, seed)));
        if (difference >= 0) {
            throw new AssertionError(
                    device.name() + ": block " + block + " is not what was written, from byte " + difference);
        }
    }

    private static byte[] content(BlockDevice device, long seed) {
        byte[] bytes = new byte[BLOCKS * device.blockSize()];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
