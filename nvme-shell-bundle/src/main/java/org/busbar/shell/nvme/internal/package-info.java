/** Gogo commands of the scope {@code nvme}: what is the same for all of them, and the small ones. */
@NullMarked
package org.busbar.shell.nvme.internal;

import org.jspecify.annotations.NullMarked;
