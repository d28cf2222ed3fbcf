/** A card in a slot as the host interface shows it: configuration space, registers, interrupts, and its IOMMU. */
@NullMarked
package org.busbar.emulator.internal.function;

import org.jspecify.annotations.NullMarked;
