/** TAP interfaces: network interfaces of the kernel whose other end is a program. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.net.tap;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
