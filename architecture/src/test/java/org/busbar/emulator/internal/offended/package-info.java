/** Stands for the internals of a bundle, for the tests of the rules. */
@NullMarked
package org.busbar.emulator.internal.offended;

import org.jspecify.annotations.NullMarked;
