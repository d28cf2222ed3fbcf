/** Conveniences over any block device: channels of bytes, futures, protection information. */
@Export
@Version("1.0.0")
@NullMarked
package org.busbar.block.io;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
