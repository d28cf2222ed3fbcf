package org.busbar.driver.nvme;

import org.busbar.block.BlockStatus;

/** The status field of a completion (NVMe Base 1.4, section 4.6.1), without the phase tag. */
final class Status {

    private Status() {}

    /** Status code type and status code, {@code SCT << 8 | SC}. */
    static int code(int status) {
        return status & 0x7ff;
    }

    /** Returns what the status means to somebody who reads and writes blocks. */
    static BlockStatus toBlockStatus(int status) {
        int code = code(status);
        return switch (code) {
            case 0x000 -> BlockStatus.OK;
            case 0x001, 0x002, 0x00b -> BlockStatus.NOT_SUPPORTED; // opcode, field, namespace or format
            case 0x007, 0x008 -> BlockStatus.ABORTED; // by request, by deletion of the queue
            case 0x080 -> BlockStatus.OUT_OF_RANGE;
            default -> code >>> 8 == 2 ? BlockStatus.MEDIA_ERROR : BlockStatus.DEVICE_ERROR;
        };
    }
}
