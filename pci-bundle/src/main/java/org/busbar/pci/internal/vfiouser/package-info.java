/**
 * The {@code vfio-user} host: devices that other processes implement, reached over sockets.
 *
 * <p>In layers, each knowing only those below: {@code VfioUserHostComponent} follows the configuration and {@code
 * VfioUserHost} says what is there; a {@code Keeper} for each endpoint connects, waits for the end of the connection and
 * tries again; {@code UserFunction} and {@code UserFunctionHandle} are what a host has to offer; {@code UserDevice} puts
 * questions to a device and believes no answer; {@code Connection} exchanges messages, each by a deadline; {@code wire} is
 * the protocol. Registers, interrupts and configuration space are those of {@code org.busbar.pci.internal.vfio}, because
 * the protocol is VFIO's.
 *
 * <p>The connection is what tells whether a device is there: when it ends, the device is gone.
 */
@NullMarked
package org.busbar.pci.internal.vfiouser;

import org.jspecify.annotations.NullMarked;
