/**
 * The vfio-user protocol: messages and their form, and a socket that carries them. Both sides use it.
 *
 * <p>Decoders believe nothing: a number is checked before it is used, and whatever does not fit is a {@link
 * org.busbar.pci.internal.vfiouser.wire.MalformedMessageException}. Structures are those of VFIO ({@code linux/vfio.h}), little
 * endian, after a header of 16 bytes.
 */
@NullMarked
package org.busbar.pci.internal.vfiouser.wire;

import org.jspecify.annotations.NullMarked;
