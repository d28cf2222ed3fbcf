/** What devices and drivers are matched by: the keys of a function, and the rules in a driver's service properties. */
@NullMarked
package org.busbar.pci.internal.match;

import org.jspecify.annotations.NullMarked;
