/** Conveniences over any network port: capture files, streams of frames. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.net.io;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
