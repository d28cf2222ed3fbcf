package org.busbar.device.bus;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a bus keeps of a device whose driver has handed it over. It ends in one of two ways, once: a driver adopts it, or it is
 * released. Thread-safe.
 */
@ConsumerType
public interface Kept {

    /** Returns what it is, in words, fit for the end of a sentence. Quick. */
    String text();

    /**
     * Ends it: the device is reset, if it is there, and everything is taken back. Does nothing if a driver has adopted it, or
     * if it was released before. May block; called on a thread of the device's own.
     *
     * @param present whether the device is still there
     */
    void release(boolean present);

    /** Returns whether a driver has taken it over. */
    boolean isAdopted();
}
