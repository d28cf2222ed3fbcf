package org.busbar.driver.nvme;

import java.lang.annotation.Annotation;
import java.util.Optional;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.nvme.NvmeController;
import org.busbar.testkit.TestSlot;

/** An emulated SSD in a slot. */
final class Ssd {

    static final int BLOCKS = 16_384;

    private Ssd() {}

    /** Plugs an SSD with blocks of 512 bytes in, which nobody drives yet. */
    static TestSlot plugged() {
        return plugged(512);
    }

    static TestSlot plugged(int blockSize) {
        return new TestSlot(1, model(blockSize));
    }

    /** Makes an SSD that is not plugged in. */
    static NvmeModel model(int blockSize) {
        return new NvmeModel(new Card.Nvme(BLOCKS, blockSize, Optional.empty(), "TEST1"));
    }

    /** Plugs an SSD in and binds the driver to it. */
    static TestSlot bound() throws Exception {
        TestSlot slot = plugged();
        slot.probe(driver(30_000));
        return slot;
    }

    static NvmeDriver driver(long commandTimeoutMillis) {
        return driver(commandTimeoutMillis, true);
    }

    @SuppressWarnings("BadAnnotationImplementation") // compared with nothing
    static NvmeDriver driver(long commandTimeoutMillis, boolean passthrough) {
        return new NvmeDriver(new NvmeConfig() {
            @Override
            public int ioQueues() {
                return 8;
            }

            @Override
            public long commandTimeoutMillis() {
                return commandTimeoutMillis;
            }

            @Override
            public boolean passthrough() {
                return passthrough;
            }

            @Override
            public Class<? extends Annotation> annotationType() {
                return NvmeConfig.class;
            }
        });
    }

    static BlockDevice device(TestSlot slot) {
        return slot.service(BlockDevice.class);
    }

    static NvmeController controller(TestSlot slot) {
        return slot.context()
                .published()
                .stream()
                .filter(NvmeController.class::isInstance)
                .map(NvmeController.class::cast)
                .findFirst()
                .orElseThrow();
    }

    static BlockQueue queue(TestSlot slot, int depth) throws Exception {
        return device(slot).openQueue(depth);
    }
}
