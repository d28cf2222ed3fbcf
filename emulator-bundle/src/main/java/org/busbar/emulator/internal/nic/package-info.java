/**
 * Intel gigabit controllers at register level: the 82574L after its datasheet (revision 3.4), the 82540EM and 82545EM after
 * the software developer's manual of the PCI and PCI-X family (8254x, revision 4.0). What sets them apart is in {@code
 * Family}.
 *
 * <p>What they have: reset, NVM, PHY, interrupts with their causes, masks, throttling and delays (MSI-X on the 82574L, MSI
 * or the pin on the 82545EM, the pin on the 82540EM), legacy, context and data descriptors for transmit with checksums,
 * segmentation and VLAN tags; legacy and, on the 82574L, extended descriptors for receive with checksums and tags; filters
 * by address, hash and VLAN; long frames over several buffers; on the 82574L two queues each way and receive-side scaling;
 * flow control by pause frames; statistics.
 *
 * <p>What they lack: the pin and MSI of the 82574L, I/O space, packet split, TBI and SerDes (CTRL.LRST has no effect, as on
 * copper), speeds other than 1,000 Mb/s, bit-banged access to the NVM (EECD), flash, wake-up, manageability, time stamps.
 * The 8254x and the 82574 have no bit that turns a single receive queue off; a transmit queue of the 82574 has TARC.ENABLE.
 */
@NullMarked
package org.busbar.emulator.internal.nic;

import org.jspecify.annotations.NullMarked;
