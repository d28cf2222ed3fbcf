/** Answers to ARP, neighbour solicitations and pings. */
@NullMarked
package org.busbar.shell.net.internal.echo;

import org.jspecify.annotations.NullMarked;
