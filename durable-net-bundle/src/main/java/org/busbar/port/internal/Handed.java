package org.busbar.port.internal;

/** What queues have handed to one driver, and what it has sent. {@link PastEvents} guards it. */
final class Handed {
    long accepted;
    long sent;
    int queues;
    boolean ended;
}
