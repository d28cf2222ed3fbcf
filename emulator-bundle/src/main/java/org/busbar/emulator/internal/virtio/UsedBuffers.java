package org.busbar.emulator.internal.virtio;

import org.busbar.emulator.internal.net.Lies;
import org.jspecify.annotations.Nullable;

/** Gives buffers back, as they are or with lies. Device's thread only. */
final class UsedBuffers {

    private int before = -1;

    /** Gives a buffer back, to become visible with the ring's next flush. */
    void use(DeviceRing ring, @Nullable Lies lies, Chain chain, int written) {
        if (lies == null) {
            ring.use(chain, written);
        } else {
            lie(ring, lies, chain, written);
        }
    }

    private void lie(DeviceRing ring, Lies lies, Chain chain, int written) {
        int truth = chain.id();
        boolean garbage = lies.garbage();
        int length = garbage ? (int) lies.garbageBits() : lies.length(written);
        chain.id(garbage ? (int) lies.garbageBits() & 0xffff : lies.index(truth));
        ring.use(chain, length);
        if (lies.twice()) {
            ring.use(chain, length);
        }
        for (int more = lies.more(); more > 0; more--) {
            ring.flush();
            ring.use(chain, length);
        }
        if (lies.ungiven()) {
            // One that came back before, if there was one, and so is not given unless it was given anew.
            chain.id(before >= 0 ? before : truth + 1 & 0xffff);
            ring.use(chain, length);
        }
        before = truth;
    }
}
