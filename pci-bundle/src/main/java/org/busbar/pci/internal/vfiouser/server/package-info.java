/**
 * The server's side of vfio-user: any function that a host can open is offered to another process.
 *
 * <p>{@code Endpoint} listens and takes one client after the other; {@code Session} reads a client's messages and replies to
 * each; {@code SessionRegions}, {@code SessionMemory} and {@code SessionInterrupts} carry out what they ask for. A message
 * that asks for what cannot be is refused by an error in the reply; one that is no message ends the session. Neither harms
 * anybody but the client.
 */
@NullMarked
package org.busbar.pci.internal.vfiouser.server;

import org.jspecify.annotations.NullMarked;
