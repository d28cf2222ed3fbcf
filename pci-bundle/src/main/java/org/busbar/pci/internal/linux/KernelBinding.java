package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;

/**
 * Moves devices between kernel drivers: the only class that writes to sysfs. It knows nothing of rules; {@link Claims}
 * decides.
 */
final class KernelBinding {

    static final String VFIO_PCI = "vfio-pci";

    private static final String NO_OVERRIDE = "(null)";

    private final Sysfs sysfs;
    private final Attributes attributes;

    KernelBinding(Sysfs sysfs, Attributes attributes) {
        this.sysfs = sysfs;
        this.attributes = attributes;
    }

    /** Reads and writes attributes, some of which the kernel guards with the device's lock. */
    interface Attributes {

        /** Returns all of a file. */
        String read(Path file) throws IOException;

        /** Writes all of {@code text} to a file that exists, in one go. */
        void write(Path file, String text) throws IOException;
    }

    /** Returns the name to which matching of kernel drivers is restricted, or an empty text. */
    String override(PciAddress address) throws IOException {
        String text = attributes.read(sysfs.device(address).resolve("driver_override")).strip();
        return text.equals(NO_OVERRIDE) ? "" : text;
    }

    /** Returns what a device says it is, or nothing if that cannot be read. */
    Optional<PciIds> ids(PciAddress address) {
        try {
            byte[] text =
                    attributes.read(sysfs.device(address).resolve("uevent")).getBytes(StandardCharsets.ISO_8859_1);
            UeventText uevent = new UeventText();
            uevent.parseFile(text, text.length);
            return uevent.hasIdentity() ? Optional.of(uevent.ids()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns whether the kernel has vfio-pci loaded. */
    boolean vfioPresent() {
        return Files.isDirectory(sysfs.driver(VFIO_PCI));
    }

    /**
     * Puts a device on vfio-pci.
     *
     * @throws IOException if it is not on it afterwards
     */
    void toVfio(PciAddress address) throws IOException {
        setOverride(address, VFIO_PCI);
        unbind(address);
        bind(address, VFIO_PCI);
    }

    /**
     * Puts a device back where it was.
     *
     * @param driver the kernel driver that had it, or an empty text
     * @param override what matching was restricted to, or an empty text
     * @throws IOException if it is not there afterwards
     */
    void restore(PciAddress address, String driver, String override) throws IOException {
        if (override(address).equals(VFIO_PCI)) {
            setOverride(address, override);
        }
        if (isOn(address, VFIO_PCI) && !driver.equals(VFIO_PCI)) {
            unbind(address);
        }
        if (!driver.isEmpty() && sysfs.kernelDriver(address).isEmpty()) {
            bind(address, driver);
        }
    }

    private void setOverride(PciAddress address, String name) throws IOException {
        // A line without a name takes the restriction away.
        attributes.write(sysfs.device(address).resolve("driver_override"), name + "\n");
    }

    private void unbind(PciAddress address) throws IOException {
        Optional<String> driver = sysfs.kernelDriver(address);
        if (driver.isPresent()) {
            attributes.write(sysfs.driver(driver.get()).resolve("unbind"), address.toString());
        }
    }

    /** Has the kernel match the device, and names the driver if that did not do. */
    private void bind(PciAddress address, String driver) throws IOException {
        attributes.write(sysfs.driversProbe(), address.toString());
        if (!isOn(address, driver)) {
            attributes.write(sysfs.driver(driver).resolve("bind"), address.toString());
        }
        if (!isOn(address, driver)) {
            throw new IOException("the kernel did not bind " + address + " to " + driver + "; see its log (dmesg)");
        }
    }

    private boolean isOn(PciAddress address, String driver) {
        return sysfs.kernelDriver(address).filter(driver::equals).isPresent();
    }
}
