package org.busbar.core.internal.engine;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.busbar.core.internal.event.EventLog;
import org.busbar.core.internal.match.MatchIndex;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.jspecify.annotations.Nullable;

/** What the engine knows of a bus. Belongs to the worker, except for the event log. */
final class BusState {

    final String bus;
    final Environment env;
    final EventLog events;
    final MatchIndex<DeviceRecord> index = new MatchIndex<>();
    /** The devices that are present, by address. */
    final Map<String, DeviceRecord> devices = new LinkedHashMap<>();
    /** Devices that are gone, but whose drivers have not given them up yet, by address: at most one at each. */
    final Map<String, DeviceRecord> departing = new HashMap<>();
    /** The drivers that are present, by service id. */
    final Map<Long, DriverState> drivers = new LinkedHashMap<>();
    /** Devices with a deferred probe. */
    final Set<DeviceRecord> deferred = new LinkedHashSet<>();
    /** Devices to be looked at. */
    final ArrayDeque<DeviceRecord> dirty = new ArrayDeque<>();

    Policy policy;
    boolean closing;
    /** How many probes, removals and preparations run. */
    int busy;
    long probes;
    long bindings;

    BusState(String bus, Environment env, EventLog events, Policy policy) {
        this.bus = bus;
        this.env = env;
        this.events = events;
        this.policy = policy;
    }

    /** Has a device looked at again. */
    void touch(DeviceRecord device) {
        if (!device.dirty) {
            device.dirty = true;
            dirty.add(device);
        }
    }

    long now() {
        return env.scheduler().nanoTime();
    }

    void event(DeviceEvent.Kind kind, @Nullable DeviceId device, @Nullable String driver, String text) {
        events.add(kind, device, driver, text);
    }
}
