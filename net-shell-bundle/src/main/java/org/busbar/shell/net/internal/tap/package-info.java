/** Ports joined to TAP interfaces of the kernel. */
@NullMarked
package org.busbar.shell.net.internal.tap;

import org.jspecify.annotations.NullMarked;
