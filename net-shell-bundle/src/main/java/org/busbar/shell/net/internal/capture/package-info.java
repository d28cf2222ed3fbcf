/** Capture files: written from a port, sent to a port. */
@NullMarked
package org.busbar.shell.net.internal.capture;

import org.jspecify.annotations.NullMarked;
