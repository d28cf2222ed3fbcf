package org.busbar.shell.nvme.internal.nbd;

import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.busbar.block.BlockFeature;
import org.busbar.device.Deadline;
import org.busbar.shell.nvme.internal.FakeDevice;

/** A fake device and its export. */
record Server(FakeDevice device, Export export) implements AutoCloseable {

    static final int BLOCKS = 8192;

    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SOON = Duration.ofSeconds(2);

    static final Limits LIMITS = new Limits(8, 16, 256 << 10, 128 << 10, LONG, LONG, LONG);

    /** As {@link #LIMITS}, but what has to time out does so soon. */
    static final Limits IMPATIENT = new Limits(4, 16, 256 << 10, 128 << 10, SOON, SOON, LONG);

    static Server writable() throws IOException {
        return of(512, EnumSet.allOf(BlockFeature.class), true, LIMITS);
    }

    static Server of(int blockSize, Set<BlockFeature> features, boolean writable, Limits limits) throws IOException {
        FakeDevice device = new FakeDevice(BLOCKS, blockSize, features);
        Offer offer = new Offer("fake/n1", "a device in memory", device, writable, limits);
        return new Server(device, Export.start(offer, new Place.Port(0)));
    }

    /** Waits until nothing runs any more for clients that have gone. */
    void awaitNoClients() {
        Deadline deadline = Deadline.after(LONG);
        while (export.connections() > 0) {
            if (deadline.expired()) {
                throw new AssertionError(export.connections() + " clients are still served");
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        device.release();
        export.close();
    }
}
