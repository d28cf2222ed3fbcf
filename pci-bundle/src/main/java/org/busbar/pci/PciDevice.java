package org.busbar.pci;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.device.DeviceId;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A PCI function that is present, driven or not: an OSGi service for as long as it is there. Looking at it changes
 * nothing; only a driver's {@link PciDeviceContext} can write. Thread-safe.
 *
 * <p>What is not needed for matching is read from the host when asked for, and may fail once the function has gone.
 */
@ProviderType
public interface PciDevice {

    /** Service property and its value {@link #CATEGORY} by which PCI devices are found (OSGi Device Access). */
    String DEVICE_CATEGORY = "DEVICE_CATEGORY";

    /** Value of {@link #DEVICE_CATEGORY}. */
    String CATEGORY = "PCI";

    /** Service property: {@link PciAddress#toString}. */
    String ADDRESS = "pci.address";

    /** Service property: vendor ID, four lowercase hex digits. */
    String VENDOR = "pci.vendor";

    /** Service property: device ID, four lowercase hex digits. */
    String DEVICE = "pci.device";

    /** Service property: subsystem vendor and device ID, {@code 1af4:1100}. */
    String SUBSYSTEM = "pci.subsystem";

    /** Service property: class code, six lowercase hex digits. */
    String CLASS = "pci.class";

    /** Service property: name of the host. */
    String HOST = "pci.host";

    /** Service property: generation ({@code Long}). */
    String GENERATION = "pci.generation";

    /** Service property: the slot's name, absent if there is none. */
    String SLOT = "pci.slot";

    /** Returns its identity. */
    DeviceId id();

    /** Returns where it is. */
    PciAddress address();

    /** Returns what it says it is. */
    PciIds ids();

    /** Returns the name of the host that reports it. */
    String host();

    /** Returns the name of the slot that it is in. */
    Optional<String> slot();

    /** Returns the NUMA node that it is near to. */
    OptionalInt numaNode();

    /** Returns the IOMMU group that it is in. */
    OptionalInt iommuGroup();

    /** Returns the kernel driver that has it now. */
    Optional<String> kernelDriver();

    /** Returns its revision ID, 0 to 255, nothing if it cannot be read. */
    OptionalInt revision();

    /** Returns its base address registers, those that are in use. */
    List<BarInfo> bars() throws IOException;

    /**
     * Returns its configuration space for reading; writes throw {@link UnsupportedOperationException}. Without privilege
     * only the first 64 bytes may be readable.
     */
    ConfigSpace config() throws IOException;
}
