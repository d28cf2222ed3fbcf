package org.busbar.durable.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of durable handles. */
@ObjectClassDefinition(name = "Busbar durable handles", description = "Volumes: block devices that outlive their drivers")
@interface DurableConfig {

    /** How long requests wait for their medium. */
    @AttributeDefinition(name = "Hold (ms)", description = "How long the requests of a volume wait while its medium has no driver, or its card is out, before they fail; 0 to 86400000. A change holds for what is lost afterwards", min = "0", max = "86400000")
    long holdMillis() default 30_000;

    /** Whether drivers are trusted to return from calls. */
    @AttributeDefinition(name = "Isolate", description = "Whether drivers are called by threads of their own, so that one that never returns from a call holds up no application; requests take longer then. For queues that are opened, or get another path, after the change")
    boolean isolate() default false;
}
