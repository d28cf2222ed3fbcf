package org.busbar.shell.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceState;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.dto.DeviceDTO;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;

/** Waits until a function is in a state: looks when an event says that something has changed. */
final class StateWait {

    private static final String PRESENT = "present";
    private static final String GONE = "gone";

    private final PciBus bus;
    private final PciAddress address;
    private final String wanted;

    StateWait(PciBus bus, PciAddress address, String wanted) {
        this.bus = bus;
        this.address = address;
        this.wanted = wanted.toLowerCase(Locale.ROOT).replace('-', '_');
        boolean known = this.wanted.equals(PRESENT)
                || this.wanted.equals(GONE)
                || Arrays.stream(DeviceState.values()).anyMatch(state -> name(state).equals(this.wanted));
        if (!known) {
            throw new IllegalArgumentException("'" + wanted + "' is no state: present, gone, "
                    + String.join(
                            ", ", Arrays.stream(DeviceState.values()).map(StateWait::name).toList()));
        }
    }

    private static String name(DeviceState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }

    void until(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        Semaphore events = new Semaphore(0);
        AutoCloseable subscription = bus.follow(event -> events.release());
        try {
            while (!reached()) {
                if (!events.tryAcquire(deadline.remaining(TimeUnit.MILLISECONDS), TimeUnit.MILLISECONDS)) {
                    throw new DeviceTimeoutException(
                            address + " is not " + wanted + " in time: it is " + now().orElse(GONE));
                }
                events.drainPermits();
            }
        } finally {
            close(subscription);
        }
    }

    private static void close(AutoCloseable subscription) {
        try {
            subscription.close();
        } catch (Exception e) { // a subscription has nothing that could fail
            throw new IllegalStateException(e);
        }
    }

    private boolean reached() {
        Optional<DeviceDTO> device = device();
        return switch (wanted) {
            case PRESENT -> device.isPresent();
            case GONE -> device.isEmpty();
            default -> device.filter(d -> d.state.toLowerCase(Locale.ROOT).equals(wanted)).isPresent();
        };
    }

    private Optional<String> now() {
        return device().map(d -> d.state.toLowerCase(Locale.ROOT) + " (" + d.reason + ")");
    }

    private Optional<DeviceDTO> device() {
        String text = address.toString();
        return bus.snapshot().devices.stream()
                .filter(device -> device.address.equals(text))
                .findFirst();
    }
}
