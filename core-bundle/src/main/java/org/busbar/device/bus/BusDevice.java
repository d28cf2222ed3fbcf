package org.busbar.device.bus;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.busbar.device.DeviceId;
import org.osgi.annotation.versioning.ConsumerType;

/** A device as its bus presents it to the core. All methods are quick, never block, and are safe from any thread. */
@ConsumerType
public interface BusDevice {

    /** Returns its identity; always the same. */
    DeviceId id();

    /** Returns the ways in which it can be matched, best first; always the same. */
    List<MatchKey> keys();

    /**
     * Returns why nothing may be bound to it at present, in words, or nothing. The bus calls {@link
     * BusSession#reevaluate} when the answer changes.
     */
    Optional<String> unavailable();

    /** Returns what snapshots show of it, in order of importance. */
    Map<String, String> properties();
}
