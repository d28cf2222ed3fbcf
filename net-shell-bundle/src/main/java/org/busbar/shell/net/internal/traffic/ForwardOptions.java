package org.busbar.shell.net.internal.traffic;

/**
 * How to forward.
 *
 * @param bothWays whether back as well
 * @param promiscuous whether frames for all stations, if the ports can
 * @param copy whether to copy even where that is not needed
 * @param batch how many frames at once
 */
record ForwardOptions(boolean bothWays, boolean promiscuous, boolean copy, int batch) {}
