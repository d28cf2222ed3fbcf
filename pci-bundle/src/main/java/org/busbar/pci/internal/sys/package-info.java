/**
 * Native calls: the only package of the project that uses restricted methods. Each call is wrapped once.
 *
 * <p>Raw wrappers follow the kernel's convention: a result that is negative is a negated {@link
 * org.busbar.pci.internal.sys.Errno errno}. Wrappers that declare {@link org.busbar.pci.internal.sys.ErrnoException}
 * throw instead. Calls that may block pin the carrier of a virtual thread: make them from platform threads only.
 */
@NullMarked
package org.busbar.pci.internal.sys;

import org.jspecify.annotations.NullMarked;
