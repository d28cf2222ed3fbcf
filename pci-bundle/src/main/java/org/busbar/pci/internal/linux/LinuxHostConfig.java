package org.busbar.pci.internal.linux;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Configuration of the machine's own PCI bus, PID {@code org.busbar.pci.linux}. */
@ObjectClassDefinition(name = "Busbar: this machine's PCI bus", description = "Which devices Busbar may take from the kernel, and how it looks at the bus")
@interface LinuxHostConfig {

    @AttributeDefinition(name = "Claims", description = "Devices that may be taken from their kernel drivers: addresses (0000:02:00.0, 0000:02:*.*),"
            + " vendor and device (8086:10d3, 8086:*) or classes (class:0108). Without any, Busbar only reads")
    String[] claims() default {};

    @AttributeDefinition(name = "Use devices on vfio-pci", description = "Whether a device that is on vfio-pci already may be used without a claim rule")
    boolean useVfioBound() default false;

    @AttributeDefinition(name = "Enabled", description = "Whether this machine's bus is looked at at all (at start; busbar.host.linux=false wins)")
    boolean enabled() default true;

    @AttributeDefinition(name = "sysfs root", description = "Root of the tree to scan, at start; busbar.sysfs and BUSBAR_SYSFS win. Empty: /sys")
    String sysfs() default "";

    @AttributeDefinition(name = "Poll interval", description = "How often to look at the bus where the kernel's events cannot be had, in milliseconds, at least"
            + " 100")
    long pollMillis() default 2000;
}
