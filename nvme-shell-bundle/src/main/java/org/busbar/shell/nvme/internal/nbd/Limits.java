package org.busbar.shell.nvme.internal.nbd;

import java.time.Duration;

/**
 * How much a client gets, and how long it may take.
 *
 * @param connections how many there may be to one export
 * @param requests how many requests of a connection may be under way
 * @param memory bytes for the data of a connection's requests
 * @param largest bytes of the largest request, at most half the memory
 * @param handshake how long a handshake may take
 * @param stall how long a client may take to send the rest of a request that it has begun, and to take replies
 * @param farewell how long a connection may take to end when the export ends
 */
record Limits(
        int connections,
        int requests,
        int memory,
        int largest,
        Duration handshake,
        Duration stall,
        Duration farewell) {

    static final Limits DEFAULT = new Limits(
            16, 64, 2 << 20, 1 << 20, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(2));

    Limits withConnections(int number) {
        return new Limits(number, requests, memory, largest, handshake, stall, farewell);
    }
}
