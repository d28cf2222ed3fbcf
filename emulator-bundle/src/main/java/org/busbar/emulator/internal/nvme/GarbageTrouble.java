package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Makes data structures of Identify, or log pages, random or all ones. */
final class GarbageTrouble extends Trouble {

    private final SplittableRandom random;
    private final boolean allOnes;
    private final boolean identify;

    /**
     * @param seed where the random numbers begin, 0 for all ones
     * @param identify whether it is about Identify rather than logs
     */
    GarbageTrouble(long seed, boolean identify) {
        random = new SplittableRandom(seed);
        allOnes = seed == 0;
        this.identify = identify;
    }

    @Override
    void identified(MemorySegment data) {
        if (identify) {
            spoil(data);
        }
    }

    @Override
    void logged(MemorySegment data) {
        if (!identify) {
            spoil(data);
        }
    }

    private void spoil(MemorySegment data) {
        for (long at = 0; at < data.byteSize(); at += Long.BYTES) {
            Fields.set64(data, at, allOnes ? -1 : random.nextLong());
        }
    }
}
