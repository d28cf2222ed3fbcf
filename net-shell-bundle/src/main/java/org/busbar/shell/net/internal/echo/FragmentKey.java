package org.busbar.shell.net.internal.echo;

/**
 * What fragments of one datagram have in common (RFC 791, 2.3; RFC 8200, 4.5).
 *
 * @param version 4 or 6; 0 for none
 * @param id identification
 * @param sourceHigh upper half of the source address, 0 for IPv4
 * @param sourceLow lower half
 * @param targetHigh upper half of the destination address, 0 for IPv4
 * @param targetLow lower half
 */
record FragmentKey(int version, int id, long sourceHigh, long sourceLow, long targetHigh, long targetLow) {

    static final FragmentKey NONE = new FragmentKey(0, 0, 0, 0, 0, 0);
}
