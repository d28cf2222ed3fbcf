package org.busbar.core.internal.match;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.busbar.device.bus.MatchKey;
import org.jspecify.annotations.Nullable;

/**
 * The devices and the drivers that list one key, in the order in which they came. Most keys are listed by one device, some
 * by thousands: the one costs no map, the thousands no search.
 */
final class Listed<D> {

    private @Nullable D only;
    private @Nullable MatchKey key;
    private @Nullable Map<D, MatchKey> many;
    private List<DriverEntry> drivers = List.of();

    /** Adds a device; of two keys of the same text, the one that says more counts. */
    void add(D device, MatchKey listed) {
        if (many == null && only == null) {
            only = device;
            key = listed;
            return;
        }
        Map<D, MatchKey> all = many;
        if (all == null) {
            all = new LinkedHashMap<>();
            if (only != null && key != null) {
                all.put(only, key);
            }
            many = all;
            only = null;
            key = null;
        }
        all.merge(device, listed, (old, other) -> old.score() >= other.score() ? old : other);
    }

    void remove(D device) {
        if (many != null) {
            many.remove(device);
        } else if (Objects.equals(only, device)) {
            only = null;
            key = null;
        }
    }

    void addDriver(DriverEntry driver) {
        if (drivers.isEmpty()) {
            drivers = new ArrayList<>(1);
        }
        drivers.add(driver);
    }

    void removeDriver(DriverEntry driver) {
        if (!drivers.isEmpty()) {
            drivers.remove(driver);
        }
    }

    List<DriverEntry> drivers() {
        return drivers;
    }

    boolean isEmpty() {
        return drivers.isEmpty() && only == null && (many == null || many.isEmpty());
    }

    void forEach(BiConsumer<? super D, ? super MatchKey> action) {
        if (many != null) {
            many.forEach(action);
        } else if (only != null && key != null) {
            action.accept(only, key);
        }
    }
}
