/** Stands for the internals of a bundle, for the tests of the rules. */
@NullMarked
package org.busbar.pci.internal.offended;

import org.jspecify.annotations.NullMarked;
