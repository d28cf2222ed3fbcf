package org.busbar.shell.net.internal.echo;

/** What has been answered. Written by one thread; others see about how far it is. */
final class Counts {
    long arp;
    long neighbour;
    long echo;
    long echo6;
    long fragments;
    long reassembled;
    long others;

    long answered() {
        return arp + neighbour + echo + echo6;
    }
}
