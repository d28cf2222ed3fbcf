/** What network drivers need of packets and pools, beyond what applications see. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.net.driver;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
