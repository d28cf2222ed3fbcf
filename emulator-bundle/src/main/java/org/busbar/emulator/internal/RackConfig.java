package org.busbar.emulator.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the rack. */
@ObjectClassDefinition(name = "Busbar emulated rack", description = "A rack of software PCI devices. A change takes all cards out and puts in those configured.")
@interface RackConfig {

    @AttributeDefinition(name = "Slots", description = "How many slots the rack has, 1 to 255.")
    int slots() default 8;

    @AttributeDefinition(name = "Cards", description = "What is in the slots at the start, for example 1=nvme:size=64M or 3=nic. If there is nothing"
            + " here, the framework property busbar.rack counts, entries separated by semicolons.")
    String[] cards() default {};
}
