package org.busbar.pci.host;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One function as a host reports it, from its appearance until it goes or is replaced. Compared by identity. {@link
 * #address} and {@link #ids} are known from the scan; the rest is read when asked for. Thread-safe.
 */
@ConsumerType
public interface HostFunction {

    /** Returns where it is. */
    PciAddress address();

    /** Returns what it says it is. */
    PciIds ids();

    /** Returns the name of its slot. */
    Optional<String> slot();

    /** Returns the NUMA node that it is near to. */
    OptionalInt numaNode();

    /** Returns the IOMMU group that it is in. */
    OptionalInt iommuGroup();

    /** Returns the kernel driver that has it now. */
    Optional<String> kernelDriver();

    /** Returns its revision ID. */
    OptionalInt revision();

    /**
     * Returns why {@link PciHost#open} is sure to fail at present, in words that say what to do, or nothing. Quick, and
     * without effect: looks at rules and at who has the function now.
     */
    Optional<String> unavailable();

    /** Returns its base address registers, those in use. */
    List<BarInfo> bars() throws IOException;

    /** Returns its configuration space for reading. */
    ConfigSpace config() throws IOException;
}
