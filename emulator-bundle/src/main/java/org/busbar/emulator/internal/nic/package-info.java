/**
 * The Intel 82574L at register level, after its datasheet (revision 3.4): reset, NVM, PHY, interrupts by MSI-X, receive
 * queue 0 and both transmit queues with legacy and extended descriptors, address filters, statistics.
 *
 * <p>Not there: receive queue 1 and packet split, checksum and segmentation offload (frames pass as they are), VLAN tag
 * handling, interrupt moderation (its registers keep what is written), flash, wake-up and manageability.
 */
@NullMarked
package org.busbar.emulator.internal.nic;

import org.jspecify.annotations.NullMarked;
