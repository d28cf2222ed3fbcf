/**
 * Functions opened through VFIO.
 *
 * <p>In layers, each knowing only those below: {@code VfioOpener} and {@code VfioFunctionHandle} implement what a host
 * has to offer; {@code VfioDmaSpace}, {@code VfioInterrupts}, {@code VfioConfigSpace} and the bars do one thing each;
 * {@code VfioDevice}, {@code VfioGroup} and {@code VfioContainer} own the file descriptors; the calls themselves are in
 * {@code org.busbar.pci.internal.sys}.
 *
 * <p>Calls that the kernel may hold up for as long as a card takes to answer, or for ever if it does not, run on threads
 * of their own, see {@code KernelCall}.
 */
@NullMarked
package org.busbar.pci.internal.vfio;

import org.jspecify.annotations.NullMarked;
