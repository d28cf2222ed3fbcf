/** What benchmarks need of the inside of lasting ports. */
@NullMarked
package org.busbar.port.internal;

import org.jspecify.annotations.NullMarked;
