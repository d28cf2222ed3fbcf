/** The software switch that joins the NICs of a rack. */
@NullMarked
package org.busbar.emulator.internal.net;

import org.jspecify.annotations.NullMarked;
