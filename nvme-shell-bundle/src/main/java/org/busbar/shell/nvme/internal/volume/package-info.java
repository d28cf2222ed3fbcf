/** Commands for volumes. */
@NullMarked
package org.busbar.shell.nvme.internal.volume;

import org.jspecify.annotations.NullMarked;
