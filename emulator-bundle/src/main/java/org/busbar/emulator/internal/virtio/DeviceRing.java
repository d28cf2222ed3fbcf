package org.busbar.emulator.internal.virtio;

import org.busbar.emulator.internal.model.DmaPort;

/** The device's side of a virtqueue, in either format. Device's thread only; allocates nothing after construction. */
sealed interface DeviceRing permits SplitDeviceRing, PackedDeviceRing {

    /** Returns the ring that the driver has set up. */
    static DeviceRing of(DmaPort dma, VirtioRegisters.Setup setup, long features) {
        boolean events = (features & Virtio.EVENT_IDX) != 0;
        boolean indirect = (features & Virtio.INDIRECT_DESC) != 0;
        return (features & Virtio.RING_PACKED) != 0
                ? new PackedDeviceRing(dma, setup, events, indirect)
                : new SplitDeviceRing(dma, setup, events, indirect);
    }

    /** Takes the next buffer that is available; returns false if there is none, or the driver has broken a rule. */
    boolean fetch(Chain into);

    /** Remembers where it is, for {@link #rewind}. */
    void mark();

    /** Makes the buffers that were taken since the mark available again. None of them was used. */
    void rewind();

    /** Gives a buffer back, to become visible with the next {@link #flush}. */
    void use(Chain chain, int written);

    /**
     * Lets the driver see what was used, all at once.
     *
     * @return whether it wants an interrupt
     */
    boolean flush();

    /** Says whether the driver is to notify of new buffers; those before may bring no notification. */
    void wantNotification(boolean on);

    /** Whether the driver has broken a rule, or memory was not there. */
    boolean broken();
}
