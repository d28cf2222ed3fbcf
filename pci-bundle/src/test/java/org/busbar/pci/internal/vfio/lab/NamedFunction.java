package org.busbar.pci.internal.vfio.lab;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;

/** A function of which nothing is known but its address. */
record NamedFunction(PciAddress address) implements HostFunction {

    @Override
    public PciIds ids() {
        return new PciIds(0, 0, 0, 0, 0);
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
        throw new UnsupportedOperationException("only the address is known");
    }
}
