/** An example of a driver: for QEMU's teaching device, {@code -device edu}. */
@NullMarked
package org.busbar.example.edu;

import org.jspecify.annotations.NullMarked;
