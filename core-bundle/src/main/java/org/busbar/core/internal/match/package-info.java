/** Which drivers fit which devices, by index. */
@NullMarked
package org.busbar.core.internal.match;

import org.jspecify.annotations.NullMarked;
