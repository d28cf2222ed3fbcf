package org.busbar.bench.scan;

import java.util.ArrayList;
import java.util.List;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.match.MatchIndex;
import org.busbar.device.DeviceContext;
import org.busbar.device.DriverBinding;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.BusDriver;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.internal.match.FunctionKeys;
import org.osgi.framework.ServiceReference;

/**
 * The index alone: devices come one after the other, with all drivers there, and each is looked up by all its keys. This
 * is what a host's arrival costs of matching; the phase {@code match} is what the drivers' arrival costs.
 */
final class MatchIndexPhase {

    private final List<HostFunction> functions;
    private MatchIndex<HostFunction> index = new MatchIndex<>();

    MatchIndexPhase(List<HostFunction> functions) {
        this.functions = functions;
    }

    /** Makes an index of the drivers only. */
    void prepare() {
        index = new MatchIndex<>();
        for (int driver = 0; driver < Drivers.COUNT; driver++) {
            index.addDriver(entry(driver));
        }
    }

    /** Adds all devices. */
    void run() {
        int found = 0;
        for (HostFunction function : functions) {
            found += index.addDevice(function, FunctionKeys.of(function.ids())).size();
        }
        if (found != 0) {
            throw new IllegalStateException("drivers that fit nothing were found to fit " + found + " devices");
        }
    }

    private static DriverEntry entry(int number) {
        String name = "bench" + number;
        List<String> keys = new ArrayList<>(List.of(Drivers.ids(number)));
        return new DriverEntry(
                new Unused(name, keys), name, new DriverEntry.Identity("bench", name), "1", number, 0, keys, "");
    }

    /** An index does not ask drivers. */
    private record Unused(String name, List<String> keys) implements BusDriver {

        @Override
        public ServiceReference<?> reference() {
            throw new UnsupportedOperationException("not registered");
        }

        @Override
        public DriverBinding probe(BusDevice device, DeviceContext grant) {
            throw new UnsupportedOperationException("fits nothing");
        }
    }
}
