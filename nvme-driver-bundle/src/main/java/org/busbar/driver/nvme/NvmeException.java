package org.busbar.driver.nvme;

/** The controller ended an admin command with an error. */
final class NvmeException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    NvmeException(String command, int status) {
        super(command + " failed: " + Status.text(status));
        this.status = status;
    }

    /** Returns the status field without phase tag (NVMe Base 1.4, section 4.6.1). */
    int status() {
        return status;
    }
}
