package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;

/** A function of the machine's own bus. What a scan does not need is read from sysfs each time it is asked for. */
final class LinuxFunction implements HostFunction {

    private final Sysfs sysfs;
    private final Availability availability;
    private final PciAddress address;
    private final PciIds ids;
    private final long key;
    private final long inode;

    LinuxFunction(Sysfs sysfs, Availability availability, Identity identity, PciIds ids) {
        this.sysfs = sysfs;
        this.availability = availability;
        this.key = identity.key();
        this.inode = identity.inode();
        this.address = AddressText.address(key);
        this.ids = ids;
    }

    /**
     * What tells devices apart.
     *
     * @param key number of the address, see {@link AddressText}
     * @param inode inode number of the entry in the device directory
     */
    record Identity(long key, long inode) {}

    /** Says why a function cannot be opened at present, if it cannot. */
    @FunctionalInterface
    interface Availability {
        Optional<String> unavailable(LinuxFunction function);
    }

    long key() {
        return key;
    }

    long inode() {
        return inode;
    }

    @Override
    public PciAddress address() {
        return address;
    }

    @Override
    public PciIds ids() {
        return ids;
    }

    @Override
    public Optional<String> slot() {
        return sysfs.slot(address);
    }

    @Override
    public OptionalInt numaNode() {
        return sysfs.numaNode(address);
    }

    @Override
    public OptionalInt iommuGroup() {
        return sysfs.iommuGroup(address);
    }

    @Override
    public Optional<String> kernelDriver() {
        return sysfs.kernelDriver(address);
    }

    @Override
    public OptionalInt revision() {
        return sysfs.revision(address);
    }

    @Override
    public Optional<String> unavailable() {
        return availability.unavailable(this);
    }

    @Override
    public List<BarInfo> bars() throws IOException {
        return ResourceFile.read(sysfs.device(address).resolve("resource"));
    }

    @Override
    public ConfigSpace config() throws IOException {
        return SysfsConfigSpace.open(sysfs.device(address).resolve("config"));
    }

    @Override
    public String toString() {
        return address + " " + ids.deviceText();
    }
}
