package org.busbar.shell.nvme.internal.perf;

import org.busbar.block.BlockDevice;
import org.busbar.shell.internal.text.Times;
import org.busbar.shell.internal.words.CommandFailure;

/**
 * What a user asks for, applied to a device. The device is looked at in units, as large as a request is.
 *
 * @param options what was asked for
 * @param device the device
 * @param blocksPerUnit how many of the device's blocks a request spans
 * @param units how many units there are to choose from
 * @param requestsPerThread after how many requests a thread stops, {@link Long#MAX_VALUE} if never
 */
record Plan(PerfOptions options, BlockDevice device, int blocksPerUnit, long units, long requestsPerThread) {

    /** What is remembered of written units has to fit into memory: with 4 KiB each, 256 GiB of them. */
    private static final long MOST_REMEMBERED = 1L << 26;

    /** A range of units. */
    record Slice(long first, long count) {}

    static Plan of(PerfOptions options, BlockDevice device) {
        int blockSize = device.blockSize();
        long bytes = options.requestBytes();
        if (bytes % blockSize != 0 || bytes / blockSize > device.maxBlocksPerRequest()) {
            throw new CommandFailure("--bs: requests of " + device.name() + " are a multiple of " + blockSize
                    + " bytes, and at most " + Times.bytes((long) device.maxBlocksPerRequest() * blockSize));
        }
        int blocksPerUnit = (int) (bytes / blockSize);
        long whole = device.blockCount() * blockSize;
        long region = options.region().orElse(whole);
        if (region > whole) {
            throw new CommandFailure("--size: " + device.name() + " has " + Times.bytes(whole));
        }
        long units = region / bytes;
        if (units < (long) options.threads() * leastPerThread(options)) {
            throw new CommandFailure("there are " + units + " places of " + Times.bytes(bytes) + " in "
                    + Times.bytes(region) + "; " + options.threads() + " threads need "
                    + leastPerThread(options) + " each");
        }
        if (remembers(options) && units > MOST_REMEMBERED) {
            throw new CommandFailure("--verify remembers each place that it has written, at most " + MOST_REMEMBERED
                    + "; make --size at most " + Times.bytes(MOST_REMEMBERED * bytes));
        }
        return new Plan(options, device, blocksPerUnit, units, requestsPerThread(options));
    }

    private static long requestsPerThread(PerfOptions options) {
        return options.total()
                .map(total -> Math.max(1, Math.ceilDiv(total, options.requestBytes() * options.threads())))
                .orElse(Long.MAX_VALUE);
    }

    /** Two requests that verify and write never concern the same place at a time, so that each needs one to itself. */
    private static long leastPerThread(PerfOptions options) {
        return remembers(options) ? 2L * options.depth() : 1;
    }

    private static boolean remembers(PerfOptions options) {
        return options.verify() && options.pattern().writes();
    }

    /** Returns whether threads remember what they have written, to check what they read. */
    boolean remembers() {
        return remembers(options);
    }

    /**
     * Returns the units of a thread: a share of its own where the order matters or what was written is checked, all of
     * them otherwise.
     */
    Slice slice(int thread) {
        if (options.pattern().random() && !remembers()) {
            return new Slice(0, units);
        }
        long first = share(thread);
        return new Slice(first, share(thread + 1) - first);
    }

    private long share(int thread) {
        return units / options.threads() * thread + Math.min(thread, units % options.threads());
    }

    /** Returns the first block of a unit. */
    long block(long unit) {
        return unit * blocksPerUnit;
    }
}
