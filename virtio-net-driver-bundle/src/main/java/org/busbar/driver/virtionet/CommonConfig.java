package org.busbar.driver.virtionet;

import org.busbar.driver.support.Health;
import org.jspecify.annotations.Nullable;

/** The registers that Virtio devices of all kinds have (4.1.4.3), by their names there. */
final class CommonConfig implements Health.Vitals {

    /** Bits of device_status (2.1). */
    static final int ACKNOWLEDGE = 1;

    static final int DRIVER = 2;
    static final int DRIVER_OK = 4;
    static final int FEATURES_OK = 8;
    static final int DEVICE_NEEDS_RESET = 64;
    static final int FAILED = 128;

    /** In place of a vector: none (4.1.5.1.2). */
    static final int NO_VECTOR = 0xffff;

    private static final int GONE = 0xff;

    private static final long DEVICE_FEATURE_SELECT = 0x00;
    private static final long DEVICE_FEATURE = 0x04;
    private static final long DRIVER_FEATURE_SELECT = 0x08;
    private static final long DRIVER_FEATURE = 0x0c;
    private static final long CONFIG_MSIX_VECTOR = 0x10;
    private static final long NUM_QUEUES = 0x12;
    private static final long DEVICE_STATUS = 0x14;
    private static final long CONFIG_GENERATION = 0x15;
    private static final long QUEUE_SELECT = 0x16;
    private static final long QUEUE_SIZE = 0x18;
    private static final long QUEUE_MSIX_VECTOR = 0x1a;
    private static final long QUEUE_ENABLE = 0x1c;
    private static final long QUEUE_NOTIFY_OFF = 0x1e;
    private static final long QUEUE_DESC = 0x20;
    private static final long QUEUE_DRIVER = 0x28;
    private static final long QUEUE_DEVICE = 0x30;
    private static final long QUEUE_RESET = 0x3a;

    private final Region region;

    CommonConfig(Region region) {
        this.region = region;
    }

    /** Whether nobody answers: all ones on hardware, zeros in some virtual machines. To be asked before a driver is there. */
    boolean silent() {
        int queues = queues();
        return queues == 0xffff || queues == 0;
    }

    /** Whether the device looks gone. While it is driven its status has bits. */
    boolean looksGone() {
        int status = status();
        return status == GONE || status == 0;
    }

    int status() {
        return region.read8(DEVICE_STATUS);
    }

    /** Adds bits; they are never taken away one by one (2.1.1). */
    void addStatus(int bits) {
        region.write8(DEVICE_STATUS, status() | bits);
    }

    /** Asks for a reset (2.4). It is over once {@link #status} is 0. */
    void reset() {
        region.write8(DEVICE_STATUS, 0);
    }

    long offeredFeatures() {
        long low = features(0);
        long offered = (long) features(1) << 32 | (low & 0xffff_ffffL);
        // What needs a register that is not there is not offered.
        return region.has(QUEUE_RESET, 2) ? offered : offered & ~Feature.RING_RESET.mask();
    }

    private int features(int half) {
        region.write32(DEVICE_FEATURE_SELECT, half);
        return region.read32(DEVICE_FEATURE);
    }

    void acceptFeatures(long bits) {
        region.write32(DRIVER_FEATURE_SELECT, 0);
        region.write32(DRIVER_FEATURE, (int) bits);
        region.write32(DRIVER_FEATURE_SELECT, 1);
        region.write32(DRIVER_FEATURE, (int) (bits >>> 32));
    }

    int queues() {
        return region.read16(NUM_QUEUES);
    }

    /** Changes whenever what the device has to say about itself may have changed (2.5). */
    int generation() {
        return region.read8(CONFIG_GENERATION);
    }

    /** Returns whether the device has taken the vector. */
    boolean configVector(int vector) {
        region.write16(CONFIG_MSIX_VECTOR, vector);
        return region.read16(CONFIG_MSIX_VECTOR) == vector;
    }

    /** Chooses the virtqueue that the methods below are about. */
    void select(int queue) {
        region.write16(QUEUE_SELECT, queue);
    }

    /** The most descriptors that it can have; 0 if it is not there. */
    int queueSize() {
        return region.read16(QUEUE_SIZE);
    }

    void queueSize(int size) {
        region.write16(QUEUE_SIZE, size);
    }

    /** Returns whether the device has taken the vector. */
    boolean queueVector(int vector) {
        region.write16(QUEUE_MSIX_VECTOR, vector);
        return region.read16(QUEUE_MSIX_VECTOR) == vector;
    }

    int queueNotifyOff() {
        return region.read16(QUEUE_NOTIFY_OFF);
    }

    void queueAreas(long descriptors, long driver, long device) {
        write64(QUEUE_DESC, descriptors);
        write64(QUEUE_DRIVER, driver);
        write64(QUEUE_DEVICE, device);
    }

    void enableQueue() {
        region.write16(QUEUE_ENABLE, 1);
    }

    /** Asks for a reset of the virtqueue (2.6.1). It is over once {@link #queueResets} is false. */
    void resetQueue() {
        region.write16(QUEUE_RESET, 1);
    }

    /** Whether the virtqueue is still being reset (4.1.4.3.1): then one of the two is not zero. */
    boolean queueResets() {
        return region.read16(QUEUE_RESET) != 0 || region.read16(QUEUE_ENABLE) != 0;
    }

    /** Returns why the device looks gone; null if it does not. */
    @Override
    public @Nullable String absence() {
        return looksGone() ? "device_status reads as all ones or zeros" : null;
    }

    @Override
    public @Nullable String distress() {
        return (status() & DEVICE_NEEDS_RESET) != 0
                ? "the device has met an error and asks for a reset (DEVICE_NEEDS_RESET)"
                : null;
    }

    /** Fields of 64 bits are accessed in halves (4.1.3.1). */
    private void write64(long at, long value) {
        region.write32(at, (int) value);
        region.write32(at + 4, (int) (value >>> 32));
    }
}
