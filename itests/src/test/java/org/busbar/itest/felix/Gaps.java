package org.busbar.itest.felix;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceEvent.Kind;

/** For how long a slot's card had no driver each time, and what of that was whose. */
final class Gaps {

    private Gaps() {}

    /** Returns it in words, in milliseconds. */
    static String of(Rig rig, int slot) {
        return summary(between(rig, slot, Kind.REMOVE_STARTED, Kind.BOUND)) + "; of that giving up "
                + summary(between(rig, slot, Kind.REMOVE_STARTED, Kind.UNBOUND)) + ", probing "
                + summary(between(rig, slot, Kind.PROBE_STARTED, Kind.BOUND));
    }

    /** Returns how long it took each time from one event to another, in microseconds. */
    private static List<Long> between(Rig rig, int slot, Kind first, Kind second) {
        List<Long> micros = new ArrayList<>();
        Instant began = null;
        for (DeviceEvent event : rig.events()) {
            boolean mine = event.device() != null
                    && event.device().address().equals(Rig.address(slot).toString());
            if (mine && event.kind() == first) {
                began = event.time();
            } else if (mine && event.kind() == second && began != null) {
                micros.add(Duration.between(began, event.time()).toNanos() / 1_000);
                began = null;
            }
        }
        return micros;
    }

    /** Returns number, median and longest of some times in microseconds, in words. */
    static String summary(Collection<Long> micros) {
        List<Long> sorted = micros.stream().sorted().toList();
        return sorted.isEmpty()
                ? "never"
                : "%d times, median %.1f ms, longest %.1f ms".formatted(
                        sorted.size(), sorted.get(sorted.size() / 2) / 1e3, sorted.getLast() / 1e3);
    }
}
