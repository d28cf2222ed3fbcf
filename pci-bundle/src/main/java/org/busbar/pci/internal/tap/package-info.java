/** TAP interfaces of Linux. */
@NullMarked
package org.busbar.pci.internal.tap;

import org.jspecify.annotations.NullMarked;
