package org.busbar.shell.net.internal.capture;

import java.nio.file.Path;

/**
 * How to capture.
 *
 * @param file where to
 * @param overwrite whether a file that is there may be lost
 * @param count how many frames, 0 for all
 * @param snapLength how many bytes to keep of each, 0 for all
 * @param promiscuous whether frames for other stations are wanted, if the port can
 */
record CaptureOptions(Path file, boolean overwrite, long count, int snapLength, boolean promiscuous) {}
