package org.busbar.shell.net.internal.capture;

import java.nio.file.Path;

/**
 * How to replay.
 *
 * @param file where from
 * @param pace when frames are sent
 * @param perSecond how many frames per second, for {@link Pacing#RATE}
 * @param speed how many times as fast as recorded, for {@link Pacing#RECORDED}
 * @param loops how often, 0 for ever
 * @param count how many frames in all, 0 for all that there are
 */
record ReplayOptions(Path file, Pacing pace, double perSecond, double speed, long loops, long count) {

    /** When frames are sent. */
    enum Pacing {
        /** As far apart as they were recorded. */
        RECORDED,
        /** At even distances. */
        RATE,
        /** One after the other, without waiting. */
        FAST
    }
}
