/**
 * The bus-neutral driver model: what a driver gets, what it gives back, and the words for both.
 *
 * <p>Nothing in here knows about PCI. A bus (see {@link org.busbar.device.bus}) adds its own device, driver and context
 * types on top.
 */
@Export
@Version("1.2.0")
@NullMarked
package org.busbar.device;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
