package org.busbar.port.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of durable ports. */
@ObjectClassDefinition(name = "Busbar durable ports", description = "Network ports that outlive their drivers")
@interface PortsConfig {

    /** How long a port without a card is held, before it is absent or, if nobody uses it, given up. */
    @AttributeDefinition(name = "Hold (ms)", description = "After how long without a driver a port is absent or, if nobody uses it, given up; 0 to 86400000. Frames are dropped all the time, and a card that comes is used at any time. A change holds for what is lost afterwards", min = "0", max = "86400000")
    long holdMillis() default 30_000;
}
