package org.busbar.pci;

/**
 * A base address register (PCI Local Bus 3.0, section 6.2.5.1).
 *
 * @param index 0 to 5, or 6 for the expansion ROM
 * @param size bytes, a power of two
 * @param kind what it decodes
 * @param prefetchable whether reads have no side effects
 */
public record BarInfo(int index, long size, Kind kind, boolean prefetchable) {

    /** What a base address register decodes. */
    public enum Kind {
        MEMORY32,
        MEMORY64,
        IO
    }
}
