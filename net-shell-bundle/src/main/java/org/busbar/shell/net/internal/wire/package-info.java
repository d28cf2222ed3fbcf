/** Frames as they are on the wire: fields, checksums, batches. */
@NullMarked
package org.busbar.shell.net.internal.wire;

import org.jspecify.annotations.NullMarked;
