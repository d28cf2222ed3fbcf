/**
 * The machine's own PCI bus, by way of sysfs, uevents and VFIO.
 *
 * <p>{@code DeviceScanner} finds out what is there, {@code LinuxFunction} reads the rest when asked, {@code LinuxWatch}
 * notices that a look is worth while, and {@code Claims} takes functions from kernel drivers and gives them back.
 */
@NullMarked
package org.busbar.pci.internal.linux;

import org.jspecify.annotations.NullMarked;
