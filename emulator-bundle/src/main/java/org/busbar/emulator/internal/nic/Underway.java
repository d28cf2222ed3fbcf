package org.busbar.emulator.internal.nic;

import org.busbar.device.Deadline;

/**
 * Whether a receiver, a transmitter or all that accesses memory is at work just now. Whoever turns it off waits until the frame that it is at has ended: a
 * chip needs no more than the time of a frame for that, and a thread that plays one may be kept waiting for much longer.
 */
final class Underway {

    /** Only a device whose thread has died is at work for so long. */
    private static final long LONGEST_MILLIS = 1_000;

    private volatile boolean busy;
    private volatile int timesOff;

    /** The device's thread looks at the registers from here on, and may do what they say. */
    void begin() {
        busy = true;
    }

    /** The device's thread has left everything as it is to be seen. */
    void end() {
        busy = false;
    }

    /** Whether it is at work, by any thread. Once it was turned off and is not, it will not be. */
    boolean isBusy() {
        return busy;
    }

    /** It was turned off, in the registers, by any other thread. Returns once it does nothing any more. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the driver's calls come one after the other
    void turnedOff() {
        timesOff = timesOff + 1;
        Deadline deadline = Deadline.afterMillis(LONGEST_MILLIS);
        while (busy && !deadline.expired()) {
            Thread.onSpinWait();
        }
    }

    /** Returns how often it was turned off: it may have been off and on again before the device's thread has looked. */
    int timesOff() {
        return timesOff;
    }
}
