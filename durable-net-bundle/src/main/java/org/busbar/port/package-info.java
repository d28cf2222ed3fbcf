/** Network ports that outlive their drivers, and cards that are taken out and put back. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.port;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
