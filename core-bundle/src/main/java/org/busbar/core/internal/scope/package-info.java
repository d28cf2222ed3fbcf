/** The grant of a device to a driver, and everything that is got through it. */
@NullMarked
package org.busbar.core.internal.scope;

import org.jspecify.annotations.NullMarked;
