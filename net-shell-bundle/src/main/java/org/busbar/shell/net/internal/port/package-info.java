/** What ports are, what they count, and what can be set. */
@NullMarked
package org.busbar.shell.net.internal.port;

import org.jspecify.annotations.NullMarked;
