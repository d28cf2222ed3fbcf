/** Benchmarks of network drivers. */
@NullMarked
package org.busbar.bench.net;

import org.jspecify.annotations.NullMarked;
