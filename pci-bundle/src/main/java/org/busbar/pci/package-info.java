/** The PCI bus: its devices and drivers as services, and what a driver gets to drive a device. */
@Export
@Version("1.2.0")
@NullMarked
package org.busbar.pci;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
