/** What benchmarks need of the PCI bus from within its package. */
@NullMarked
package org.busbar.pci.internal.bus;

import org.jspecify.annotations.NullMarked;
