package org.busbar.driver.virtionet;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the virtio-net driver. A change holds for devices that are probed afterwards. */
@ObjectClassDefinition(name = "Busbar virtio-net driver", description = "Settings of the driver for virtio-net devices")
public @interface VirtioNetConfig {

    /** Buffers of a queue pair. */
    @AttributeDefinition(name = "Packet buffers", description = "Buffers for the frames of each queue pair, 64 to 65536; half of them at most wait in the receive ring", min = "64", max = "65536")
    int packetBuffers() default 1024;

    /** Bytes of a buffer. */
    @AttributeDefinition(name = "Bytes per buffer", description = "Size of a buffer, 2048 to 65536, in steps of 64; 64 of them are the driver's. Longer frames take several", min = "2048", max = "65536")
    int bufferBytes() default 2048;

    /** Descriptors of a virtqueue. */
    @AttributeDefinition(name = "Ring size", description = "Descriptors of each virtqueue, a power of two, 16 to 4096; no more than the device has", min = "16", max = "4096")
    int ringSize() default 256;

    /** Queue pairs to set up. */
    @AttributeDefinition(name = "Queue pairs", description = "Queue pairs that can be opened, 1 to 64; no more than the device has", min = "1", max = "64")
    int queuePairs() default 4;

    /** Whether to use packed virtqueues. */
    @AttributeDefinition(name = "Packed virtqueues", description = "Use the packed format of virtqueues where the device has it")
    boolean packed() default true;

    /** Whether to use the event index. */
    @AttributeDefinition(name = "Event index", description = "Tell each other at which entry to notify, where the device can")
    boolean eventIndex() default true;

    /** Whether to reset single virtqueues. */
    @AttributeDefinition(name = "Queue reset", description = "Reset a queue pair when it is closed, where the device can; without it no pool can be shared")
    boolean queueReset() default true;

    /** Whether to use interrupts where there are any. */
    @AttributeDefinition(name = "Interrupts", description = "Wait for frames and link changes by interrupt; if off, or without MSI-X, by looking")
    boolean interrupts() default true;

    /** Whether to filter VLANs. */
    @AttributeDefinition(name = "VLAN filter", description = "Receive tagged frames of chosen VLANs only, where the device can; if off, of all")
    boolean vlanFilter() default false;

    /** Whether to choose how frames are spread over queue pairs. */
    @AttributeDefinition(name = "Spread by hash", description = "Spread received frames over queue pairs by a hash and a table that can be chosen, where the device can; if off, it spreads them as it likes")
    boolean hashSpread() default true;

    /** Whether the device puts segments of TCP together. */
    @AttributeDefinition(name = "Large receive", description = "Receive several segments of TCP as one frame of up to 64 KiB in several buffers, where the device can")
    boolean largeReceive() default false;
}
