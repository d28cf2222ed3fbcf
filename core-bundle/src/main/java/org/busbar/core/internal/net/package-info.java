/** Packets: the pools that applications share between ports, and the caches that queues have of them. */
@NullMarked
package org.busbar.core.internal.net;

import org.jspecify.annotations.NullMarked;
