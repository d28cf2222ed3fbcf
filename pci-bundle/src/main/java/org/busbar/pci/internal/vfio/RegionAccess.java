package org.busbar.pci.internal.vfio;

import java.io.IOException;

/** Reads and writes the file that a region is part of. */
public interface RegionAccess {

    /** Reads 1, 2, 4 or 8 bytes, little endian. */
    long read(long position, int width) throws IOException;

    /** Writes 1, 2, 4 or 8 bytes, little endian. */
    void write(long position, int width, long value) throws IOException;
}
