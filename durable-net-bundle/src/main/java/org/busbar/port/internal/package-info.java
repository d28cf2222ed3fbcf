/** How ports outlive what they are made of. */
@NullMarked
package org.busbar.port.internal;

import org.jspecify.annotations.NullMarked;
