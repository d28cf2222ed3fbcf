package org.busbar.block;

import java.io.IOException;

/** A block request failed. */
public class BlockIOException extends IOException {
    private static final long serialVersionUID = 1L;

    private final BlockStatus status;
    private final int deviceStatus;

    /**
     * @param status what went wrong
     * @param deviceStatus the status field as the device gave it, for NVMe SCT and SC as in NVMe Base 1.4 section
     *     4.6.1 ({@code SCT << 8 | SC}); -1 if the device gave none
     * @param message details, with the blocks concerned
     */
    public BlockIOException(BlockStatus status, int deviceStatus, String message) {
        super(message);
        this.status = status;
        this.deviceStatus = deviceStatus;
    }

    /**
     * @param status what went wrong
     * @param deviceStatus the status field as the device gave it, or -1
     * @param cause what led to it, whose message becomes this one's
     */
    public BlockIOException(BlockStatus status, int deviceStatus, Throwable cause) {
        super(cause.getMessage(), cause);
        this.status = status;
        this.deviceStatus = deviceStatus;
    }

    /** Makes the exception of a request that a device does not know, {@link BlockStatus#NOT_SUPPORTED}. */
    public static BlockIOException notSupported(String device, String what) {
        return new BlockIOException(BlockStatus.NOT_SUPPORTED, -1, device + " does not support: " + what);
    }

    /** Returns what went wrong. */
    public BlockStatus status() {
        return status;
    }

    /** Returns the status field as the device gave it, or -1. */
    public int deviceStatus() {
        return deviceStatus;
    }
}
