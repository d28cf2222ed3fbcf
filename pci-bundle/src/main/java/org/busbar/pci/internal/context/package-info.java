/** What a driver holds while it drives a function, and how all of it is taken back. */
@NullMarked
package org.busbar.pci.internal.context;

import org.jspecify.annotations.NullMarked;
