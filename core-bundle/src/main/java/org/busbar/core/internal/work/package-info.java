/** Threads, time and services, behind interfaces small enough to be replaced in tests. */
@NullMarked
package org.busbar.core.internal.work;

import org.jspecify.annotations.NullMarked;
