package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.busbar.core.internal.match.DriverEntry;

/** A driver, and what it has. Belongs to the worker. */
final class DriverState {

    final DriverEntry entry;
    final Set<Tenure> tenures = new LinkedHashSet<>();
    final List<Runnable> whenIdle = new ArrayList<>(1);

    DriverState(DriverEntry entry) {
        this.entry = entry;
    }

    /** Runs what waits until the driver has nothing any more, if so. */
    void checkIdle() {
        if (tenures.isEmpty()) {
            List<Runnable> waiting = List.copyOf(whenIdle);
            whenIdle.clear();
            waiting.forEach(Runnable::run);
        }
    }
}
