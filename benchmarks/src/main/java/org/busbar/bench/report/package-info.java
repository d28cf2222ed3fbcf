/** Turns the result lines of all peers of one run into a page. */
@NullMarked
package org.busbar.bench.report;

import org.jspecify.annotations.NullMarked;
