/** QEMU's teaching device, as its documentation (docs/specs/edu) has it. */
@NullMarked
package org.busbar.emulator.internal.edu;

import org.jspecify.annotations.NullMarked;
