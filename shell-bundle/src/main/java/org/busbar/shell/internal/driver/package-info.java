/** Drivers that are replaced by newer ones while their devices are in use. */
@NullMarked
package org.busbar.shell.internal.driver;

import org.jspecify.annotations.NullMarked;
