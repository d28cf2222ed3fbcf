package org.busbar.emulator.internal.nvme;

import java.util.List;
import org.busbar.emulator.NvmeNamespace;

/**
 * An LBA format (figure 246).
 *
 * @param blockShift bytes of data per block, as a power of two
 * @param metadata bytes of metadata per block
 */
record LbaFormat(int blockShift, int metadata) {

    /** All formats that there are, by index. */
    static final List<LbaFormat> ALL = List.of(
            new LbaFormat(9, 0),
            new LbaFormat(9, 8),
            new LbaFormat(9, 16),
            new LbaFormat(9, 64),
            new LbaFormat(12, 0),
            new LbaFormat(12, 8),
            new LbaFormat(12, 16),
            new LbaFormat(12, 64));

    static LbaFormat of(NvmeNamespace namespace) {
        return new LbaFormat(Integer.numberOfTrailingZeros(namespace.blockSize()), namespace.metadata());
    }

    int blockSize() {
        return 1 << blockShift;
    }

    int index() {
        return ALL.indexOf(this);
    }
}
