/**
 * What a bus implements, and what the driver core does for it. Of interest to authors of buses only; drivers and
 * applications never import it.
 */
@Export
@Version("1.1.0")
@NullMarked
package org.busbar.device.bus;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
