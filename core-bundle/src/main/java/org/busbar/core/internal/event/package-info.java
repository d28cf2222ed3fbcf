/** What happened, in order. */
@NullMarked
package org.busbar.core.internal.event;

import org.jspecify.annotations.NullMarked;
