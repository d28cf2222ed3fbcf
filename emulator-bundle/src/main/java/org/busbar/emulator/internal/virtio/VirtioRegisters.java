package org.busbar.emulator.internal.virtio;

import java.util.Arrays;

/**
 * The common structure (4.1.4.3), and which virtqueues have been notified. Written by the driver's threads and read by the
 * device's; guarded by itself, for there is nothing in it that a packet needs.
 */
final class VirtioRegisters {

    /**
     * A virtqueue as the driver has set it up.
     *
     * @param size descriptors
     * @param vector for its interrupts
     */
    record Setup(boolean enabled, int size, int vector, long descriptors, long driver, long device) {}

    private static final class Queue {

        private boolean enabled;
        private int size;
        private int vector;
        // Descriptor area, driver area, device area; two words each.
        private final int[] areas = new int[6];

        private void reset() {
            enabled = false;
            size = Virtio.QUEUE_SIZE;
            vector = Virtio.NO_VECTOR;
            Arrays.fill(areas, 0);
        }

        private long area(int index) {
            return (long) areas[2 * index + 1] << 32 | (areas[2 * index] & 0xffff_ffffL);
        }
    }

    private final Queue[] queues;
    private final long offered;
    private final int vectors;
    private final Runnable wake;
    private int deviceSelect;
    private int driverSelect;
    private long driverFeatures;
    private int configVector;
    private int queueSelect;
    private int generation;
    private int status;
    private boolean resetAsked;
    /** Virtqueues that the driver wants reset, and those that it has enabled since the device runs; a bit each. */
    private long queueResets;

    private long queueStarts;

    /**
     * @param vectors that there are
     * @param wake has the device look
     */
    VirtioRegisters(int queues, long offered, int vectors, Runnable wake) {
        this.queues = new Queue[queues];
        Arrays.setAll(this.queues, i -> new Queue());
        this.offered = offered;
        this.vectors = vectors;
        this.wake = wake;
        reset();
    }

    synchronized void reset() {
        deviceSelect = 0;
        driverSelect = 0;
        driverFeatures = 0;
        configVector = Virtio.NO_VECTOR;
        queueSelect = 0;
        for (Queue queue : queues) {
            queue.reset();
        }
        resetAsked = false;
        queueResets = 0;
        queueStarts = 0;
        // Last: a driver waits for this.
        status = 0;
    }

    synchronized boolean resetAsked() {
        return resetAsked;
    }

    /** Whether the device is to work. */
    synchronized boolean running() {
        return (status & (Virtio.DRIVER_OK | Virtio.NEEDS_RESET)) == Virtio.DRIVER_OK && !resetAsked;
    }

    synchronized boolean driverOk() {
        return (status & Virtio.DRIVER_OK) != 0;
    }

    /** Returns which virtqueues are to be reset (2.6.1), a bit each. */
    synchronized long queueResets() {
        return queueResets;
    }

    /** A virtqueue has been reset. */
    synchronized void queueReset(int index) {
        queues[index].reset();
        queueStarts &= ~(1L << index);
        // Last: a driver waits for this.
        queueResets &= ~(1L << index);
    }

    /** Takes which virtqueues were enabled while the device was running, a bit each. */
    synchronized long takeQueueStarts() {
        long taken = queueStarts;
        queueStarts = 0;
        return taken;
    }

    synchronized long features() {
        return driverFeatures;
    }

    synchronized int configVector() {
        return configVector;
    }

    synchronized Setup setup(int index) {
        Queue queue = queues[index];
        return new Setup(queue.enabled, queue.size, queue.vector, queue.area(0), queue.area(1), queue.area(2));
    }

    /** The driver has broken a rule. */
    synchronized void needsReset() {
        status |= Virtio.NEEDS_RESET;
        generation++;
    }

    /** What the device says about itself has changed. */
    synchronized void changed() {
        generation++;
    }

    synchronized long read(int offset, int width) {
        if (width == 8) {
            return (long) word(offset + 4) << 32 | (word(offset) & 0xffff_ffffL);
        }
        return (word(offset & ~3) & 0xffff_ffffL) >>> (8 * (offset & 3));
    }

    private int word(int at) {
        Queue queue = queueSelect < queues.length ? queues[queueSelect] : null;
        return switch (at) {
            case 0x00 -> deviceSelect;
            case 0x04 -> half(offered, deviceSelect);
            case 0x08 -> driverSelect;
            case 0x0c -> half(driverFeatures, driverSelect);
            case 0x10 -> configVector | queues.length << 16;
            case 0x14 -> status | (generation & 0xff) << 8 | queueSelect << 16;
            case 0x18 -> queue == null ? Virtio.NO_VECTOR << 16 : queue.size | queue.vector << 16;
            case 0x1c -> queue == null ? 0 : (queue.enabled ? 1 : 0) | queueSelect << 16;
            case 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34 -> queue == null ? 0 : queue.areas[(at - 0x20) >> 2];
            case 0x38 -> (int) (queueSelect < queues.length ? queueResets >>> queueSelect & 1 : 0) << 16;
            default -> 0;
        };
    }

    private static int half(long features, int select) {
        return select == 0 ? (int) features : select == 1 ? (int) (features >>> 32) : 0;
    }

    void write(int offset, int width, long value) {
        if (width == 8) {
            change(offset, 4, (int) value);
            change(offset + 4, 4, (int) (value >>> 32));
        } else if (change(offset, width, (int) value)) {
            wake.run();
        }
    }

    /** A field takes writes of its own width only (4.1.3.1). Returns whether the device is to look. */
    private synchronized boolean change(int offset, int width, int value) {
        switch (width << 8 | offset) {
            case 0x400 -> deviceSelect = value;
            case 0x408 -> driverSelect = value;
            case 0x40c -> accept(value);
            case 0x210 -> configVector = value < vectors ? value : Virtio.NO_VECTOR;
            case 0x114 -> {
                return status(value);
            }
            case 0x216 -> queueSelect = value;
            case 0x23a -> {
                return resetQueue(value);
            }
            default -> {
                if (queueSelect < queues.length && !queues[queueSelect].enabled) {
                    change(queues[queueSelect], width << 8 | offset, value);
                    return startedLater();
                }
            }
        }
        return false;
    }

    /** A virtqueue that is enabled while the device runs is one that was reset before, or forgotten. */
    private boolean startedLater() {
        if (!queues[queueSelect].enabled || (status & Virtio.DRIVER_OK) == 0) {
            return false;
        }
        queueStarts |= 1L << queueSelect;
        return true;
    }

    private boolean resetQueue(int value) {
        boolean possible = (driverFeatures & Virtio.RING_RESET) != 0 && queueSelect < queues.length && value == 1
                && queues[queueSelect].enabled;
        queueResets |= possible ? 1L << queueSelect : 0;
        return possible;
    }

    private void change(Queue queue, int field, int value) {
        switch (field) {
            case 0x218 -> queue.size = value > 0 && value <= Virtio.QUEUE_SIZE ? value : queue.size;
            case 0x21a -> queue.vector = value < vectors ? value : Virtio.NO_VECTOR;
            case 0x21c -> queue.enabled = value == 1;
            case 0x420, 0x424, 0x428, 0x42c, 0x430, 0x434 -> queue.areas[((field & 0xff) - 0x20) >> 2] = value;
            default -> {
                // Read only, not there, or of another width.
            }
        }
    }

    private void accept(int value) {
        if ((status & Virtio.FEATURES_OK) == 0) {
            long bits = value & 0xffff_ffffL;
            driverFeatures = switch (driverSelect) {
                case 0 -> (driverFeatures & ~0xffff_ffffL) | bits;
                case 1 -> (driverFeatures & 0xffff_ffffL) | bits << 32;
                default -> driverFeatures;
            };
        }
    }

    private boolean status(int value) {
        if (value == 0 && status == 0) {
            // The driver sees 0 and goes on at once; nothing runs that would have to end first.
            reset();
            return false;
        }
        if (value == 0) {
            resetAsked = true;
            return true;
        }
        boolean asks = (value & ~status & Virtio.FEATURES_OK) != 0;
        status |= asks && !acceptable() ? value & ~Virtio.FEATURES_OK : value;
        return (value & Virtio.DRIVER_OK) != 0;
    }

    /** Version 1 and the IOMMU are no matter of choice (6.1); others need one another (5.1.3.1). */
    private boolean acceptable() {
        long needed = Virtio.VERSION_1 | Virtio.ACCESS_PLATFORM;
        boolean noControl = (driverFeatures & Virtio.CTRL_VQ) == 0
                && (driverFeatures & (Virtio.CTRL_RX | Virtio.CTRL_VLAN | Virtio.MQ | Virtio.CTRL_MAC_ADDR
                        | Virtio.RSS | Virtio.HASH_REPORT)) != 0;
        boolean sum = (driverFeatures & Virtio.GUEST_CSUM) != 0;
        boolean largeWithoutSum = !sum && (driverFeatures & (Virtio.GUEST_TSO4 | Virtio.GUEST_TSO6)) != 0;
        return (driverFeatures & ~offered) == 0 && (driverFeatures & needed) == needed && !noControl
                && !largeWithoutSum;
    }
}
