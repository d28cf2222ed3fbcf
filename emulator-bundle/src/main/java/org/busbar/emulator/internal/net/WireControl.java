package org.busbar.emulator.internal.net;

import org.busbar.emulator.Wire;

/** A wire that can be changed while frames are on it, by any thread. It belongs to a card, and later to its port. */
public final class WireControl {

    private volatile Wire wire = Wire.PERFECT;
    private volatile Runnable changed = () -> {};

    /** Puts another wire in place. */
    public void set(Wire next) {
        wire = next;
        changed.run();
    }

    public Wire get() {
        return wire;
    }

    /** Whether it is plugged in. */
    public boolean isUp() {
        return wire.up();
    }

    /** Has somebody told of changes, instead of whoever was told before. */
    void onChange(Runnable listener) {
        changed = listener;
    }
}
