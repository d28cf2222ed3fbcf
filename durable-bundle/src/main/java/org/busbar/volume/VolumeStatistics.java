package org.busbar.volume;

import java.time.Duration;

/**
 * What has happened to a volume since it came, at about one moment.
 *
 * @param requests requests that have ended, in queues and by blocking methods
 * @param reissued how often a request was given to the medium again because its path had gone
 * @param abandoned requests that have ended because no path came in time, or because repeating them might do harm
 * @param pathsLost how often a path that was in use has gone
 * @param powerLosses how often the medium may have lost what had been written and not made durable
 * @param pauses how often requests had to wait for a path
 * @param lastPause how long they waited the last time, zero if they never had to
 * @param longestPause how long they waited at most
 */
public record VolumeStatistics(
        long requests,
        long reissued,
        long abandoned,
        long pathsLost,
        long powerLosses,
        long pauses,
        Duration lastPause,
        Duration longestPause) {}
