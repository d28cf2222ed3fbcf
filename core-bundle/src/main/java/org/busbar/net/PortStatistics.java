package org.busbar.net;

/**
 * Counters of a port since its binding began.
 *
 * @param receivedFrames good frames received
 * @param receivedBytes their bytes, without frame check sequence
 * @param sentFrames frames sent
 * @param sentBytes their bytes, without frame check sequence
 * @param receiveErrors frames that arrived damaged
 * @param receiveDropped frames that found no buffer
 */
public record PortStatistics(
        long receivedFrames,
        long receivedBytes,
        long sentFrames,
        long sentBytes,
        long receiveErrors,
        long receiveDropped) {}
