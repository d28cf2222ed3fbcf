package org.busbar.nvme;

/**
 * When a controller holds interrupts of I/O queues back to raise one for many (section 5.21.1.8). A recommendation to it.
 *
 * @param threshold interrupt once so many completions wait, 1 to 256
 * @param hundredMicros or once one has waited so long, in units of 100 microseconds, 0 to 255; 0 for no delay
 */
public record InterruptCoalescing(int threshold, int hundredMicros) {

    /** An interrupt for each completion. */
    public static final InterruptCoalescing NONE = new InterruptCoalescing(1, 0);

    public InterruptCoalescing {
        if (threshold < 1 || threshold > 256 || hundredMicros < 0 || hundredMicros > 255) {
            throw new IllegalArgumentException(
                    "interrupts are coalesced over 1 to 256 completions and 0 to 255 times 100"
                            + " microseconds, not " + threshold + " and " + hundredMicros);
        }
    }
}
