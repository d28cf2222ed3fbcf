package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.busbar.pci.PciAddress;

/** A sysfs tree made for a test. */
final class Tree {

    final Path root;

    Tree(Path root) throws IOException {
        this.root = root;
        Files.createDirectories(devices());
        Files.createDirectories(root.resolve("bus/pci/drivers"));
    }

    Path devices() {
        return root.resolve("bus/pci/devices");
    }

    Path device(String address) {
        return devices().resolve(address);
    }

    /** Adds a device: {@code ids} like {@code 8086:10D3}, {@code classCode} like {@code 20000}. */
    Tree add(String address, String ids, String classCode) throws IOException {
        Path device = Files.createDirectory(device(address));
        Files.writeString(device.resolve("uevent"), uevent(address, ids, classCode));
        return this;
    }

    static String uevent(String address, String ids, String classCode) {
        return "PCI_CLASS=" + classCode + "\nPCI_ID=" + ids + "\nPCI_SUBSYS_ID=1AF4:1100\nPCI_SLOT_NAME=" + address
                + "\nMODALIAS=pci:v00008086d000010D3sv00001AF4sd00001100bc02sc00i00\n";
    }

    /** Adds {@code count} devices: 256 buses of 32 devices of 8 functions in each domain, densely. */
    Tree fill(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            add(new PciAddress(i >> 16, i >> 8 & 0xff, i >> 3 & 0x1f, i & 7).toString(), "8086:10D3", "20000");
        }
        return this;
    }

    Tree remove(String address) throws IOException {
        try (Stream<Path> paths = Files.walk(device(address))) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        return this;
    }

    Tree attribute(String address, String name, String content) throws IOException {
        Files.writeString(device(address).resolve(name), content);
        return this;
    }

    /** Makes a file unreadable for every user, root too: a directory is in its place. */
    Tree spoil(String address, String name) throws IOException {
        Files.deleteIfExists(device(address).resolve(name));
        Files.createDirectory(device(address).resolve(name));
        return this;
    }

    /** Has a kernel driver own a device. */
    Tree drive(String address, String driver) throws IOException {
        Path directory = Files.createDirectories(root.resolve("bus/pci/drivers").resolve(driver));
        Path link = device(address).resolve("driver");
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, directory);
        return this;
    }

    /** Puts devices into an IOMMU group. */
    Tree group(int number, List<String> addresses) throws IOException {
        Path group = Files.createDirectories(
                root.resolve("kernel/iommu_groups").resolve(Integer.toString(number)).resolve("devices"));
        for (String address : addresses) {
            Files.createSymbolicLink(group.resolve(address), device(address));
            Files.createSymbolicLink(device(address).resolve("iommu_group"), group.getParent());
        }
        return this;
    }

    Sysfs sysfs() {
        return new Sysfs(root);
    }

    DeviceScanner scanner() {
        Sysfs sysfs = sysfs();
        return new DeviceScanner(
                sysfs, (identity, ids) -> new LinuxFunction(sysfs, f -> Optional.empty(), identity, ids));
    }
}
