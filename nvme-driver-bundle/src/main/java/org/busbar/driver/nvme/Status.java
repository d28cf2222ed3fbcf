package org.busbar.driver.nvme;

import org.busbar.block.BlockIOException;
import org.busbar.block.BlockStatus;
import org.busbar.nvme.NvmeStatus;

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
            case 0x371 -> BlockStatus.ABORTED; // by the host
            case 0x020, 0x182 -> BlockStatus.WRITE_PROTECTED; // namespace, range
            case 0x080 -> BlockStatus.OUT_OF_RANGE;
            case 0x282, 0x283, 0x284 -> BlockStatus.PROTECTION_FAILED; // guard, application tag, reference tag
            case 0x285 -> BlockStatus.COMPARE_MISMATCH;
            default -> code >>> 8 == 2 ? BlockStatus.MEDIA_ERROR : BlockStatus.DEVICE_ERROR;
        };
    }

    /** Returns a status of {@link #code} in words, with its numbers. */
    static String text(int code) {
        return code < 0 ? "the device gave no status" : NvmeStatus.ofField(code).toString();
    }

    /** Makes the exception of a request that has failed. */
    static BlockIOException exception(BlockStatus outcome, int code, String what) {
        String details = code < 0 ? "" : ": " + text(code);
        return new BlockIOException(outcome, code, what + ": " + outcome.text() + details);
    }
}
