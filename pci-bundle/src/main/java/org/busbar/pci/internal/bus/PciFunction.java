package org.busbar.pci.internal.bus;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.device.DeviceId;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.bus.MatchKey;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciDevice;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.internal.match.FunctionKeys;

/** One function that is present: for applications a {@link PciDevice}, for the core a {@link BusDevice}. */
final class PciFunction implements PciDevice, BusDevice {

    private final DeviceId id;
    private final AttachedHost host;
    private final HostFunction source;
    private final AtomicInteger grants = new AtomicInteger();
    private volatile boolean gone;

    PciFunction(String bus, long generation, AttachedHost host, HostFunction source) {
        id = new DeviceId(bus, source.address().toString(), generation);
        this.host = host;
        this.source = source;
    }

    AttachedHost attachedHost() {
        return host;
    }

    HostFunction source() {
        return source;
    }

    /** Returns whether the function has gone; its service is not registered from then on. */
    boolean isGone() {
        return gone;
    }

    void markGone() {
        gone = true;
    }

    /** Returns whether a driver has it open, or is about to. */
    boolean isGranted() {
        return grants.get() > 0;
    }

    /** Begins a grant; returns what ends it, at its first run. */
    Runnable beginGrant() {
        grants.incrementAndGet();
        AtomicBoolean ended = new AtomicBoolean();
        return () -> {
            if (ended.compareAndSet(false, true)) {
                grants.decrementAndGet();
            }
        };
    }

    @Override
    public DeviceId id() {
        return id;
    }

    @Override
    public List<MatchKey> keys() {
        return FunctionKeys.of(source.ids());
    }

    @Override
    public Optional<String> unavailable() {
        return host.isLeaving() ? Optional.of("its host " + host.name() + " is leaving") : source.unavailable();
    }

    /** Only what the scan has read: snapshots must not wait for a host. */
    @Override
    public Map<String, String> properties() {
        PciIds ids = source.ids();
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(ADDRESS, id.address());
        properties.put(VENDOR, ids.deviceText().substring(0, 4));
        properties.put(DEVICE, ids.deviceText().substring(5));
        properties.put(SUBSYSTEM, ids.subsystemText());
        properties.put(CLASS, ids.classText());
        properties.put(HOST, host.name());
        return properties;
    }

    @Override
    public PciAddress address() {
        return source.address();
    }

    @Override
    public PciIds ids() {
        return source.ids();
    }

    @Override
    public String host() {
        return host.name();
    }

    @Override
    public Optional<String> slot() {
        return source.slot();
    }

    @Override
    public OptionalInt numaNode() {
        return source.numaNode();
    }

    @Override
    public OptionalInt iommuGroup() {
        return source.iommuGroup();
    }

    @Override
    public Optional<String> kernelDriver() {
        return source.kernelDriver();
    }

    @Override
    public OptionalInt revision() {
        return source.revision();
    }

    @Override
    public List<BarInfo> bars() throws IOException {
        return source.bars();
    }

    @Override
    public ConfigSpace config() throws IOException {
        return new ReadOnlyConfigSpace(source.config());
    }

    @Override
    public String toString() {
        return id + " " + source.ids().deviceText() + " class " + source.ids().classText() + " of " + host.name();
    }
}
