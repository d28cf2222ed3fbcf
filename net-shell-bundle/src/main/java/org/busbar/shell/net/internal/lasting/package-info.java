/** Commands for ports that outlive their drivers. */
@NullMarked
package org.busbar.shell.net.internal.lasting;

import org.jspecify.annotations.NullMarked;
