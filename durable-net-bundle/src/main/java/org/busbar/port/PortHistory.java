package org.busbar.port;

import java.time.Duration;

/**
 * What has happened to a port since it came, at about one moment.
 *
 * @param driversLost how often a driver has left it, or its card
 * @param dropped frames that were to be sent while there was no driver, and were not: exact
 * @param unconfirmed frames that a driver had accepted when it left, and of which nobody knows whether they left the card: at
 *     most so many. What a queue had handed over is counted when its owner uses the queue again
 * @param pauses how often frames could not pass and then could again
 * @param lastPause how long that took the last time, from the loss until settings and queues were in place; zero if never
 * @param longestPause how long it took at most
 */
public record PortHistory(
        long driversLost, long dropped, long unconfirmed, long pauses, Duration lastPause, Duration longestPause) {}
