package org.busbar.driver.virtionet;

import java.lang.annotation.Annotation;

/** A configuration of the driver, in the words of {@link VirtioNetConfig}. */
@SuppressWarnings("BadAnnotationImplementation") // compared with nothing
record Settings(
        int packetBuffers,
        int bufferBytes,
        int ringSize,
        int queuePairs,
        boolean packed,
        boolean eventIndex,
        boolean queueReset,
        boolean interrupts,
        boolean vlanFilter)
        implements
            VirtioNetConfig {

    static final int PACKETS = 512;

    /** The formats of a virtqueue, and the ways to suppress notifications. */
    static Settings of(boolean packed, boolean eventIndex) {
        return new Settings(PACKETS, 2048, 256, 1, packed, eventIndex, true, true, false);
    }

    Settings polled() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset, false,
                vlanFilter);
    }

    Settings pairs(int count) {
        return new Settings(packetBuffers, bufferBytes, ringSize, count, packed, eventIndex, queueReset, interrupts,
                vlanFilter);
    }

    Settings vlans() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset,
                interrupts, true);
    }

    Settings buffers(int bytes) {
        return new Settings(packetBuffers, bytes, ringSize, queuePairs, packed, eventIndex, queueReset, interrupts,
                vlanFilter);
    }

    Settings rings(int entries) {
        return new Settings(packetBuffers, bufferBytes, entries, queuePairs, packed, eventIndex, queueReset, interrupts,
                vlanFilter);
    }

    Settings withoutQueueReset() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, false, interrupts,
                vlanFilter);
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return VirtioNetConfig.class;
    }
}
