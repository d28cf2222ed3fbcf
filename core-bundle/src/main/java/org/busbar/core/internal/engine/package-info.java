/** The engine: decides what should be bound, and acts until it is. */
@NullMarked
package org.busbar.core.internal.engine;

import org.jspecify.annotations.NullMarked;
