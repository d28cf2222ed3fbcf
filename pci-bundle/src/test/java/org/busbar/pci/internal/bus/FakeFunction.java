package org.busbar.pci.internal.bus;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;

/** A function made of nothing but an address and ids. */
record FakeFunction(PciAddress address, PciIds ids, Object identity) implements HostFunction {

    static FakeFunction at(String address) {
        return at(PciAddress.parse(address), 0x010802);
    }

    static FakeFunction at(PciAddress address, int classCode) {
        return new FakeFunction(address, new PciIds(0x8086, 0x10d3, 0x1af4, 0x1100, classCode), new Object());
    }

    @Override
    public Optional<String> slot() {
        return Optional.empty();
    }

    @Override
    public OptionalInt numaNode() {
        return OptionalInt.empty();
    }

    @Override
    public OptionalInt iommuGroup() {
        return OptionalInt.empty();
    }

    @Override
    public Optional<String> kernelDriver() {
        return Optional.empty();
    }

    @Override
    public OptionalInt revision() {
        return OptionalInt.empty();
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.empty();
    }

    @Override
    public List<BarInfo> bars() {
        return List.of();
    }

    @Override
    public ConfigSpace config() {
        throw new UnsupportedOperationException();
    }
}
