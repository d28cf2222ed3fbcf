package org.busbar.shell.internal;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.PciBus;

/** What every session does first: it gives the devices that are there a moment to find their drivers. */
final class FirstLook {

    private static final long PATIENCE_MILLIS = 2_000;

    private FirstLook() {}

    static void settle(PciBus bus) throws InterruptedException {
        try {
            bus.settle(Deadline.afterMillis(PATIENCE_MILLIS));
        } catch (DeviceTimeoutException e) {
            System.err.println("busbar: going on while something is still under way: " + e.getMessage());
        }
    }
}
