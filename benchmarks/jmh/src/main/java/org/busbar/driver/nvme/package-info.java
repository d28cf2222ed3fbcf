/** Benchmarks of the NVMe driver, from within its package. */
@NullMarked
package org.busbar.driver.nvme;

import org.jspecify.annotations.NullMarked;
