/** Fake sysfs trees of PCI devices, of any size and always the same for the same seed. */
@NullMarked
package org.busbar.bench.tree;

import org.jspecify.annotations.NullMarked;
