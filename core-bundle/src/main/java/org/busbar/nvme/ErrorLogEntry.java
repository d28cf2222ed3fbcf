package org.busbar.nvme;

/**
 * An entry of the error log (section 5.14.1.1, figure 193).
 *
 * @param count number of this error over the controller's life, unsigned
 * @param submissionQueue queue of the command, 65,535 if no command is concerned
 * @param commandId identifier of the command, 65,535 if no command is concerned
 * @param status how the command ended
 * @param location byte and bit of the command that is wrong: byte in bits 7:0, bit in 10:8; 65,535 if unknown
 * @param block first block of the error
 * @param nsid namespace
 * @param vendorLog log page with more, 0 if none
 */
public record ErrorLogEntry(
        long count,
        int submissionQueue,
        int commandId,
        NvmeStatus status,
        int location,
        long block,
        int nsid,
        int vendorLog) {

    /** Returns whether the error concerns a command. */
    public boolean concernsCommand() {
        return commandId != 0xffff;
    }
}
