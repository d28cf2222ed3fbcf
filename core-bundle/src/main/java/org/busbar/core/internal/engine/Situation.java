package org.busbar.core.internal.engine;

import java.util.List;
import java.util.Optional;
import org.busbar.device.bus.MatchKey;

/**
 * All that matters for the decision about one device.
 *
 * @param address its address
 * @param keys the keys by which it can be matched
 * @param gone whether it is not there any more
 * @param closing whether the session ends
 * @param slotHeld whether the device that was in the same place before is not completely given up yet
 * @param ejecting why its host wants it back
 * @param choice what an operator wants of it
 * @param unavailable why its host does not let it be bound
 * @param pairs the drivers that match, best first
 * @param holder who has it
 * @param grace for whom it is held, or nothing
 */
record Situation(
        String address,
        List<MatchKey> keys,
        boolean gone,
        boolean closing,
        boolean slotHeld,
        Optional<String> ejecting,
        Choice choice,
        Optional<String> unavailable,
        List<Pair> pairs,
        Holder holder,
        Optional<Grace> grace) {}
