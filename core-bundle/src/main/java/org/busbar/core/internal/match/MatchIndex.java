package org.busbar.core.internal.match;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.busbar.device.bus.MatchKey;

/**
 * Devices by key and drivers by key. What a change costs depends on how many pairs it makes or breaks, not on how many
 * devices or drivers there are.
 *
 * <p>Not thread-safe: belongs to the bus's worker.
 *
 * @param <D> stands for a device; compared by {@code equals}
 */
public final class MatchIndex<D> {

    private final Map<String, Map<D, MatchKey>> devices = new HashMap<>();
    private final Map<String, List<DriverEntry>> drivers = new HashMap<>();

    /** Adds a device. Returns the drivers that match it, best first. */
    public List<Candidate> addDevice(D device, List<MatchKey> keys) {
        for (MatchKey key : keys) {
            devices.computeIfAbsent(key.text(), text -> new LinkedHashMap<>())
                    .merge(device, key, (old, other) -> old.score() >= other.score() ? old : other);
        }
        return candidates(keys);
    }

    /** Removes a device. */
    public void removeDevice(D device, List<MatchKey> keys) {
        for (MatchKey key : keys) {
            Map<D, MatchKey> listed = devices.get(key.text());
            if (listed != null && listed.remove(device) != null && listed.isEmpty()) {
                devices.remove(key.text());
            }
        }
    }

    /** Adds a driver. Returns the devices that it matches, each with the key that says most. */
    public Map<D, Candidate> addDriver(DriverEntry driver) {
        Map<D, Candidate> matched = new LinkedHashMap<>();
        for (String text : driver.keys()) {
            drivers.computeIfAbsent(text, key -> new ArrayList<>(1)).add(driver);
            devices.getOrDefault(text, Map.of())
                    .forEach((device, key) -> matched.merge(
                            device, new Candidate(driver, key), Candidate::orBetter));
        }
        return matched;
    }

    /** Removes a driver. Returns the devices that it matched. */
    public Collection<D> removeDriver(DriverEntry driver) {
        LinkedHashSet<D> matched = new LinkedHashSet<>();
        for (String text : driver.keys()) {
            List<DriverEntry> listed = drivers.get(text);
            if (listed != null && listed.remove(driver) && listed.isEmpty()) {
                drivers.remove(text);
            }
            matched.addAll(devices.getOrDefault(text, Map.of()).keySet());
        }
        return matched;
    }

    /** Returns the drivers that match a device with these keys, best first. */
    public List<Candidate> candidates(List<MatchKey> keys) {
        List<Candidate> found = List.of();
        for (MatchKey key : keys) {
            List<DriverEntry> listed = drivers.get(key.text());
            if (listed != null) {
                if (found.isEmpty()) {
                    found = new ArrayList<>(listed.size());
                }
                for (DriverEntry driver : listed) {
                    found.add(new Candidate(driver, key));
                }
            }
        }
        return found.size() < 2 ? found : bestOfEach(found);
    }

    private static List<Candidate> bestOfEach(List<Candidate> found) {
        Collections.sort(found);
        LinkedHashMap<DriverEntry, Candidate> best = LinkedHashMap.newLinkedHashMap(found.size());
        found.forEach(candidate -> best.putIfAbsent(candidate.driver(), candidate));
        return new ArrayList<>(best.values());
    }
}
