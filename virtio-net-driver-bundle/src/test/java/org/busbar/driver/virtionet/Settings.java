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
        boolean vlanFilter,
        boolean hashSpread,
        boolean largeReceive)
        implements
            VirtioNetConfig {

    static final int PACKETS = 512;

    /** The formats of a virtqueue, and the ways to suppress notifications. */
    static Settings of(boolean packed, boolean eventIndex) {
        return new Settings(PACKETS, 2048, 256, 1, packed, eventIndex, true, true, false, true, false);
    }

    Settings polled() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset, false,
                vlanFilter, hashSpread, largeReceive);
    }

    Settings pairs(int count) {
        return new Settings(packetBuffers, bufferBytes, ringSize, count, packed, eventIndex, queueReset, interrupts,
                vlanFilter, hashSpread, largeReceive);
    }

    Settings vlans() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset,
                interrupts, true, hashSpread, largeReceive);
    }

    Settings buffers(int bytes) {
        return new Settings(packetBuffers, bytes, ringSize, queuePairs, packed, eventIndex, queueReset, interrupts,
                vlanFilter, hashSpread, largeReceive);
    }

    Settings rings(int entries) {
        return new Settings(packetBuffers, bufferBytes, entries, queuePairs, packed, eventIndex, queueReset, interrupts,
                vlanFilter, hashSpread, largeReceive);
    }

    Settings withoutQueueReset() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, false, interrupts,
                vlanFilter, hashSpread, largeReceive);
    }

    Settings withoutHashSpread() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset,
                interrupts, vlanFilter, false, largeReceive);
    }

    Settings large() {
        return new Settings(packetBuffers, bufferBytes, ringSize, queuePairs, packed, eventIndex, queueReset,
                interrupts, vlanFilter, hashSpread, true);
    }

    @Override
    public Class<? extends Annotation> annotationType() {
        return VirtioNetConfig.class;
    }
}
