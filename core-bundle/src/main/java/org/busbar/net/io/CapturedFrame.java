package org.busbar.net.io;

import java.lang.foreign.MemorySegment;

/**
 * A frame in a capture file.
 *
 * @param interfaceNumber which of the section's interfaces it was seen on, from 0
 * @param linkType what it begins with: {@link #ETHERNET} or another of the LINKTYPE registry
 * @param epochNanos when, in nanoseconds since 1970-01-01T00:00Z; 0 if the file does not say
 * @param direction which way it went
 * @param originalLength how long it was; more than {@code data} holds if the capture has cut it
 * @param data what was kept of it, in memory of its own
 */
public record CapturedFrame(
        int interfaceNumber, int linkType, long epochNanos, Direction direction, int originalLength,
        MemorySegment data) {

    /** The link type of Ethernet: frames begin with the destination address. */
    public static final int ETHERNET = 1;

    /** Returns whether the capture has cut the frame. */
    public boolean isCut() {
        return originalLength > data.byteSize();
    }
}
