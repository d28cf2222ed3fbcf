package org.busbar.nvme;

/**
 * How a raw command ended (section 4.6).
 *
 * @param status the status
 * @param result dwords 0 (low) and 1 (high) of the completion, specific to the command
 */
public record NvmeCompletion(NvmeStatus status, long result) {}
