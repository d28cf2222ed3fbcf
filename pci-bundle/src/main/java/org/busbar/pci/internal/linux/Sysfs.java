package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.busbar.pci.PciAddress;

/** Where things are in a sysfs tree, and how its attributes are read one at a time: for what is not read in a scan. */
final class Sysfs {

    private final Path root;

    Sysfs(Path root) {
        this.root = root;
    }

    /** Returns the root of the tree. */
    Path root() {
        return root;
    }

    /** Returns whether this is the running kernel's, and no copy. */
    boolean isLive() {
        return root.equals(Path.of("/sys"));
    }

    Path devices() {
        return root.resolve("bus/pci/devices");
    }

    Path device(PciAddress address) {
        return devices().resolve(address.toString());
    }

    Path driver(String name) {
        return root.resolve("bus/pci/drivers").resolve(name);
    }

    Path driversProbe() {
        return root.resolve("bus/pci/drivers_probe");
    }

    /**
     * Returns the inode number of a device's entry in the device directory, which tells a device from another one that
     * comes later.
     */
    long inode(PciAddress address) throws IOException {
        return Files.getAttribute(device(address), "unix:ino", LinkOption.NOFOLLOW_LINKS) instanceof Long inode
                ? inode
                : -1;
    }

    /** Returns the kernel driver that has a device. */
    Optional<String> kernelDriver(PciAddress address) {
        return linkName(device(address).resolve("driver"));
    }

    /** Returns the IOMMU group of a device. */
    OptionalInt iommuGroup(PciAddress address) {
        Optional<String> name = linkName(device(address).resolve("iommu_group"));
        return name.isPresent() ? number(name.get(), 10) : OptionalInt.empty();
    }

    /** Returns the devices of the IOMMU group of a device, itself among them. */
    List<PciAddress> groupMembers(PciAddress address) throws IOException {
        List<PciAddress> members = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(device(address).resolve("iommu_group/devices"))) {
            for (Path entry : entries) {
                members.add(PciAddress.parse(entry.getFileName().toString()));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("unexpected entry in the IOMMU group of " + address + ": " + e.getMessage(), e);
        }
        members.sort(null);
        return members;
    }

    OptionalInt numaNode(PciAddress address) {
        OptionalInt node = number(text(device(address).resolve("numa_node")).orElse(""), 10);
        // -1: the firmware does not say.
        return node.isPresent() && node.getAsInt() >= 0 ? node : OptionalInt.empty();
    }

    OptionalInt revision(PciAddress address) {
        String text = text(device(address).resolve("revision")).orElse("");
        return text.startsWith("0x") ? number(text.substring(2), 16) : OptionalInt.empty();
    }

    /** Returns the name of the slot that a device is in: the one whose address is the device's without its function. */
    Optional<String> slot(PciAddress address) {
        String full = address.toString();
        String wanted = full.substring(0, full.length() - 2);
        Path slots = root.resolve("bus/pci/slots");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(slots)) {
            for (Path entry : entries) {
                if (text(entry.resolve("address")).orElse("").equals(wanted)) {
                    return Optional.of(entry.getFileName().toString());
                }
            }
        } catch (IOException e) {
            // No slots known: the directory is there only where a slot driver is.
            return Optional.empty();
        }
        return Optional.empty();
    }

    /** Returns the content of an attribute without white space around it, or nothing if it cannot be read. */
    static Optional<String> text(Path attribute) {
        try {
            return Optional.of(Files.readString(attribute).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> linkName(Path link) {
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            // Most often there is none; a link that cannot be read says as little.
            return Optional.empty();
        }
    }

    private static OptionalInt number(String text, int radix) {
        try {
            return OptionalInt.of(Integer.parseInt(text, radix));
        } catch (NumberFormatException e) {
            return OptionalInt.empty();
        }
    }
}
