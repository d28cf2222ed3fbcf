package org.busbar.driver.nic;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the NIC driver. A change holds for controllers that are probed afterwards. */
@ObjectClassDefinition(name = "Busbar NIC driver", description = "Settings of the driver for Intel gigabit controllers")
public @interface NicConfig {

    /** Buffers of a queue pair. */
    @AttributeDefinition(name = "Packet buffers", description = "Buffers of 2 KiB for the frames of a queue pair that shares no pool, 512 to 65536; the receive ring holds 255 of them", min = "512", max = "65536")
    int packetBuffers() default 1024;

    /** Whether to use interrupts where there are any. */
    @AttributeDefinition(name = "Interrupts", description = "Wait for frames and link changes by interrupt; if off, or if there are none, by looking")
    boolean interrupts() default true;
}
