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
 * Devices and drivers by key. What a change costs depends on how many pairs it makes or breaks, not on how many
 * devices or drivers there are.
 *
 * <p>Not thread-safe: belongs to the bus's worker.
 *
 * @param <D> stands for a device; compared by {@code equals}
 */
public final class MatchIndex<D> {

    private final Map<String, Listed<D>> index = new HashMap<>();

    /** Adds a device. Returns the drivers that match it, best first. */
    public List<Candidate> addDevice(D device, List<MatchKey> keys) {
        List<Candidate> found = List.of();
        for (MatchKey key : keys) {
            Listed<D> listed = index.computeIfAbsent(key.text(), text -> new Listed<>());
            listed.add(device, key);
            found = collect(listed, key, found);
        }
        return bestOfEach(found);
    }

    /** Removes a device. */
    public void removeDevice(D device, List<MatchKey> keys) {
        for (MatchKey key : keys) {
            Listed<D> listed = index.get(key.text());
            if (listed != null) {
                listed.remove(device);
                dropIfEmpty(key.text(), listed);
            }
        }
    }

    /** Adds a driver. Returns the devices that it matches, each with the key that says most. */
    public Map<D, Candidate> addDriver(DriverEntry driver) {
        Map<D, Candidate> matched = new LinkedHashMap<>();
        for (String text : driver.keys()) {
            Listed<D> listed = index.computeIfAbsent(text, key -> new Listed<>());
            listed.addDriver(driver);
            listed.forEach((device, key) -> matched.merge(device, new Candidate(driver, key), Candidate::orBetter));
        }
        return matched;
    }

    /** Removes a driver. Returns the devices that it matched. */
    public Collection<D> removeDriver(DriverEntry driver) {
        LinkedHashSet<D> matched = new LinkedHashSet<>();
        for (String text : driver.keys()) {
            Listed<D> listed = index.get(text);
            if (listed != null) {
                listed.removeDriver(driver);
                listed.forEach((device, key) -> matched.add(device));
                dropIfEmpty(text, listed);
            }
        }
        return matched;
    }

    /** Returns the drivers that match a device with these keys, best first. */
    public List<Candidate> candidates(List<MatchKey> keys) {
        List<Candidate> found = List.of();
        for (MatchKey key : keys) {
            Listed<D> listed = index.get(key.text());
            if (listed != null) {
                found = collect(listed, key, found);
            }
        }
        return bestOfEach(found);
    }

    private void dropIfEmpty(String key, Listed<D> listed) {
        if (listed.isEmpty()) {
            index.remove(key);
        }
    }

    private static <D> List<Candidate> collect(Listed<D> listed, MatchKey key, List<Candidate> found) {
        List<DriverEntry> drivers = listed.drivers();
        if (drivers.isEmpty()) {
            return found;
        }
        List<Candidate> more = found.isEmpty() ? new ArrayList<>(drivers.size()) : found;
        for (DriverEntry driver : drivers) {
            more.add(new Candidate(driver, key));
        }
        return more;
    }

    private static List<Candidate> bestOfEach(List<Candidate> found) {
        if (found.size() < 2) {
            return found;
        }
        Collections.sort(found);
        LinkedHashMap<DriverEntry, Candidate> best = LinkedHashMap.newLinkedHashMap(found.size());
        found.forEach(candidate -> best.putIfAbsent(candidate.driver(), candidate));
        return new ArrayList<>(best.values());
    }
}
