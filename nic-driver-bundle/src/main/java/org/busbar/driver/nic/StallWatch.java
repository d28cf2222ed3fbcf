package org.busbar.driver.nic;

import java.util.concurrent.TimeUnit;

/**
 * Notices that a ring has come to a standstill because of what the controller has written: it is past a descriptor that it has
 * not reported, and stays so. For one thread at a time.
 */
final class StallWatch {

    /** By far longer than descriptors take to be written back, and than a thread that plays a controller is kept waiting. */
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(1_000);

    private boolean suspicious;
    private int at;
    private long since;

    /**
     * To be called now and then while nothing happens.
     *
     * @param progress how often the ring has gone on; the number of a descriptor comes again with each round
     * @param passed whether the controller is past the next descriptor, and has not reported it
     * @return whether nothing but that has been so for too long
     */
    boolean stands(int progress, boolean passed) {
        long now = System.nanoTime();
        if (passed && suspicious && progress == at) {
            return now - since > PATIENCE;
        }
        suspicious = passed;
        at = progress;
        since = now;
        return false;
    }
}
