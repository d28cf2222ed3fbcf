/** Frames made, counted and passed on. */
@NullMarked
package org.busbar.shell.net.internal.traffic;

import org.jspecify.annotations.NullMarked;
