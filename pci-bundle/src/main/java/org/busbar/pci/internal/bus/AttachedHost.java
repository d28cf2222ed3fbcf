package org.busbar.pci.internal.bus;

import java.util.List;
import org.busbar.pci.host.PciHost;

/** A host while it is part of the bus. */
final class AttachedHost {

    private final PciHost host;
    private final HostScanner scanner;
    private final DeviceServices services;
    private volatile boolean leaving;
    private volatile int functions;
    private volatile List<String> problems = List.of();

    AttachedHost(PciHost host, Bus bus, DeviceServices services) {
        this.host = host;
        this.services = services;
        scanner =
                new HostScanner(host, bus.listener(this),
                        (diff, count, found, request) -> bus.found(this, diff, count, found, request));
    }

    PciHost host() {
        return host;
    }

    @SuppressWarnings("ReferenceEquality") // two hosts that are equal are still two sources of functions
    boolean isFor(PciHost other) {
        return host == other;
    }

    String name() {
        return host.name();
    }

    HostScanner scanner() {
        return scanner;
    }

    DeviceServices services() {
        return services;
    }

    /** Returns whether the host's service is being unregistered: nothing new is opened on it. */
    boolean isLeaving() {
        return leaving;
    }

    void leave() {
        leaving = true;
    }

    int functions() {
        return functions;
    }

    /** Returns what the last look could not read. */
    List<String> problems() {
        return problems;
    }

    void scanned(int functionCount, List<String> found) {
        functions = functionCount;
        problems = List.copyOf(found);
    }
}
