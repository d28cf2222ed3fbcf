package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What one Copy command may do (NVM command set 1.0, section 4.1.5.1).
 *
 * @param blocksPerRange MSSRL
 * @param blocks MCL
 * @param ranges MSRC, here counted from one
 */
record CopyLimits(int blocksPerRange, int blocks, int ranges) {

    static CopyLimits parse(MemorySegment page) {
        return new CopyLimits(
                page.get(ValueLayout.JAVA_SHORT_UNALIGNED, 74) & 0xffff,
                page.get(ValueLayout.JAVA_INT_UNALIGNED, 76),
                (page.get(ValueLayout.JAVA_BYTE, 80) & 0xff) + 1);
    }

    /** These limits, with at most so many ranges. */
    CopyLimits atMost(int most) {
        return new CopyLimits(blocksPerRange, blocks, Math.min(ranges, most));
    }

    boolean isUsable() {
        return blocksPerRange > 0 && blocks > 0;
    }
}
