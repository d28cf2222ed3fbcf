/** What may be bound to what, and how long things may take. */
@NullMarked
package org.busbar.core.internal.policy;

import org.jspecify.annotations.NullMarked;
