/**
 * Block devices for other programs: a server of the NBD protocol (fixed newstyle handshake, structured replies), as the
 * document doc/proto.md of the NBD project describes it. Its section titles are named where something follows them.
 *
 * <p>A connection has two threads and a block queue of its own. The {@link
 * org.busbar.shell.nvme.internal.nbd.Receiver receiver} reads requests, and data to be written straight into memory that
 * the device reaches; the {@link org.busbar.shell.nvme.internal.nbd.Executor executor} owns the queue, and replies in the
 * order in which the device completes. Memory and requests are allotted per connection when it begins: a client that asks
 * for more waits.
 */
@NullMarked
package org.busbar.shell.nvme.internal.nbd;

import org.jspecify.annotations.NullMarked;
