package org.busbar.pci.internal.vfiouser;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the vfio-user host, PID {@code org.busbar.pci.vfiouser}. */
@ObjectClassDefinition(name = "Busbar: devices of other processes", description = "Where other processes offer devices by vfio-user")
@interface VfioUserConfig {

    @AttributeDefinition(name = "Directories", description = "Directories, by absolute paths, in which each NAME/cntrl is a socket with a device behind it. They belong to"
            + " root or to the user who runs Busbar, and nobody else can write to them")
    String[] directories() default {};

    @AttributeDefinition(name = "Patience", description = "How long a server may take to answer, in milliseconds, 10 to 600000; one that takes longer is given up")
    long patienceMillis() default 5000;
}
