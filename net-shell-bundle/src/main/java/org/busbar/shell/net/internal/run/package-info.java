/** Work that goes on until it is done, stopped, or a device goes: in the foreground of a session or behind it. */
@NullMarked
package org.busbar.shell.net.internal.run;

import org.jspecify.annotations.NullMarked;
