/** Busbar's side of the comparison with its peers: the same phases on the same trees, reported in the same lines. */
@NullMarked
package org.busbar.bench.scan;

import org.jspecify.annotations.NullMarked;
