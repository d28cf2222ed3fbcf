package org.busbar.shell.net.internal.traffic;

/**
 * What to wait for.
 *
 * @param count how many generated frames are to come, 0 if that is not known
 * @param promiscuous whether frames for other stations count, if the port can
 */
record SinkOptions(long count, boolean promiscuous) {}
