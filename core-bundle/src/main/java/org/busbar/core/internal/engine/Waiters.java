package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.busbar.device.DeviceId;

/** Those who wait until nothing is on its way, on the whole bus or for some devices. Belongs to the worker. */
final class Waiters {

    private record Waiter(Optional<Collection<DeviceId>> devices, Runnable then) {}

    private final BusState bus;
    private List<Waiter> waiters = new ArrayList<>();

    Waiters(BusState bus) {
        this.bus = bus;
    }

    void whenSettled(Runnable then) {
        waiters.add(new Waiter(Optional.empty(), then));
    }

    void whenSettled(Collection<DeviceId> devices, Runnable then) {
        waiters.add(new Waiter(Optional.of(List.copyOf(devices)), then));
    }

    /** Waits until no device has a driver; only sensible while the session closes. */
    void whenIdle(Runnable then) {
        waiters.add(new Waiter(Optional.empty(), then));
    }

    /** Lets go those who have waited long enough. */
    void check() {
        if (waiters.isEmpty()) {
            return;
        }
        List<Waiter> still = new ArrayList<>();
        List<Waiter> all = waiters;
        waiters = still;
        for (Waiter waiter : all) {
            boolean settled = waiter.devices().map(this::settled).orElse(isSettled());
            if (settled) {
                waiter.then().run();
            } else {
                still.add(waiter);
            }
        }
    }

    boolean isSettled() {
        return bus.busy == 0 && bus.dirty.isEmpty();
    }

    private boolean settled(Collection<DeviceId> devices) {
        for (DeviceId id : devices) {
            DeviceRecord present = bus.devices.get(id.address());
            DeviceRecord departing = bus.departing.get(id.address());
            if (departing != null || (present != null && Engine.isBusy(present))) {
                return false;
            }
        }
        return true;
    }
}
