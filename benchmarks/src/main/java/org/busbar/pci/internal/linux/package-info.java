/** What benchmarks need of the Linux host from within its package. */
@NullMarked
package org.busbar.pci.internal.linux;

import org.jspecify.annotations.NullMarked;
