package org.busbar.device;

/**
 * Thrown from a probe by a driver that cannot make use of what its predecessor has left. The bus then ends what was kept,
 * resets the device and has the same driver probe it again, from the start, within the same probe. To be thrown before the
 * driver has published anything, started a task or handed a resource to the context.
 */
public class HandoverDeclinedException extends ProbeException {
    private static final long serialVersionUID = 1L;

    /** @param message why, for the log */
    public HandoverDeclinedException(String message) {
        super(message);
    }

    /**
     * @param message why, for the log
     * @param cause what it comes from
     */
    public HandoverDeclinedException(String message, Throwable cause) {
        super(message, cause);
    }
}
