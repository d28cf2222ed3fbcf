/** What block drivers offer to applications. */
@Export
@Version("1.2.0")
@NullMarked
package org.busbar.block;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
