/** The load generator: requests at full queue depth, their latencies, and blocks that know what they are. */
@NullMarked
package org.busbar.shell.nvme.internal.perf;

import org.jspecify.annotations.NullMarked;
