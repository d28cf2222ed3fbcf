package org.busbar.driver.nvme;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the NVMe driver. A change holds for controllers that are probed afterwards. */
@ObjectClassDefinition(name = "Busbar NVMe driver", description = "Settings of the driver for NVM Express controllers")
public @interface NvmeConfig {

    /** I/O queues to ask a controller for. */
    @AttributeDefinition(name = "I/O queues", description = "I/O queue pairs to ask a controller for, 1 to 1024", min = "1", max = "1024")
    int ioQueues() default 16;

    /** When an unanswered command means that the controller has failed. */
    @AttributeDefinition(name = "Command timeout (ms)", description = "A controller that leaves a command unanswered for so long is taken for failed and probed again, 100 to 600000", min = "100", max = "600000")
    long commandTimeoutMillis() default 30_000;

    /** Whether raw commands may be sent. */
    @AttributeDefinition(name = "Raw commands", description = "Whether org.busbar.nvme.NvmePassthrough is open: firmware, sanitize, security, creation of namespaces and whatever else has no method. The controller is the only judge of what they do")
    boolean passthrough() default false;
}
