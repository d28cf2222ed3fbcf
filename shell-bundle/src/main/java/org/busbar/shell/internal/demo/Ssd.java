package org.busbar.shell.internal.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.busbar.block.BlockDevice;
import org.busbar.volume.Volume;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/** What the tour does with SSDs. */
final class Ssd {

    static final String JAR = "nvme-driver-bundle.jar";
    static final String BUNDLE = "org.busbar.driver.nvme";
    static final String CLASS = "010802";

    /** What is on the SSD that stays from the beginning to the end. */
    static final long SEED = 4096;

    private static final int BLOCKS = 64;

    private Ssd() {}

    /** Writes blocks that follow from a seed. */
    static void write(BlockDevice device, long seed) throws IOException, InterruptedException {
        device.write(0, pattern(device, seed), Stage.deadline());
        device.flush(Stage.deadline());
    }

    /** Returns whether the blocks are those that {@link #write} has written. */
    static boolean holds(BlockDevice device, long seed) throws IOException, InterruptedException {
        ByteBuffer read = ByteBuffer.allocate(BLOCKS * device.blockSize());
        device.read(0, read, Stage.deadline());
        return read.flip().equals(pattern(device, seed));
    }

    private static ByteBuffer pattern(BlockDevice device, long seed) {
        byte[] bytes = new byte[BLOCKS * device.blockSize()];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Returns the volume of a card's medium: it does not end with the driver. */
    static BlockDevice volume(Stage stage, String address) throws Exception {
        BundleContext context = stage.context();
        ServiceReference<BlockDevice> device = context
                .getServiceReferences(BlockDevice.class, "(busbar.device=" + address + ")")
                .stream()
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("no block device at " + address));
        Filter filter = context.createFilter("(&(objectClass=" + Volume.class.getName() + ")("
                + BlockDevice.IDENTITY + "=" + device.getProperty(BlockDevice.IDENTITY) + "))");
        ServiceTracker<Volume, Volume> volumes = new ServiceTracker<>(context, filter, null);
        volumes.open();
        try {
            Volume volume = volumes.waitForService(Stage.PATIENCE.toMillis());
            if (volume == null) {
                throw new CheckFailedException("no volume of " + address);
            }
            return volume;
        } finally {
            volumes.close();
        }
    }

    /** Returns the device of a card. */
    static BlockDevice at(Stage stage, String address) throws CheckFailedException {
        return stage.services(BlockDevice.class)
                .values()
                .stream()
                .filter(device -> device.name().startsWith(address))
                .findFirst()
                .orElseThrow(() -> new CheckFailedException("no block device at " + address));
    }
}
