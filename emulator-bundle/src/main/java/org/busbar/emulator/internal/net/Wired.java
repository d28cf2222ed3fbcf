package org.busbar.emulator.internal.net;

/** A card that has a wire to the switch. */
public interface Wired {

    /** Returns the wire. Any thread. */
    WireControl wire();
}
