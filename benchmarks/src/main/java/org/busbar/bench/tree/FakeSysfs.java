package org.busbar.bench.tree;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that looks like {@code /sys} as far as PCI goes: {@code bus/pci/devices/ADDRESS} links to
 * {@code devices/pciDOMAIN:00/ADDRESS}, which holds the attributes and links to driver, subsystem and IOMMU group.
 *
 * <p>As on a real bus, a device is complete before its link under {@code bus/pci/devices} appears, and two devices that
 * follow each other at one address have different inodes there. Not safe for use by several threads.
 */
public final class FakeSysfs {

    private static final List<String> SKELETON =
            List.of("bus/pci/devices", "bus/pci/drivers", "devices", "kernel/iommu_groups", "staging");

    private final Path root;
    private final Set<Path> madeDirectories = new HashSet<>();

    /** A tree in the given directory, which is made if need be. */
    public FakeSysfs(Path root) throws IOException {
        this.root = root;
        for (String directory : SKELETON) {
            Files.createDirectories(root.resolve(directory));
        }
    }

    /** Where the device links are: what to give to whoever wants the directory instead of the root. */
    public Path devices() {
        return root.resolve("bus/pci/devices");
    }

    /** The addresses present. */
    public Set<String> addresses() throws IOException {
        try (Stream<Path> links = Files.list(devices())) {
            Set<String> addresses = new HashSet<>();
            links.forEach(link -> addresses.add(link.getFileName().toString()));
            return addresses;
        }
    }

    /** Puts a device in. Its address must be free. */
    public void add(FakeDevice device) throws IOException {
        Path link = devices().resolve(device.address());
        if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("there is a device at " + device.address() + " already");
        }
        directory(root.resolve("devices").resolve(rootComplex(device.address())));
        write(device, home(device.address()));
        Files.createSymbolicLink(link, linkTarget(device.address()));
    }

    /** Takes the device at this address out. */
    public void remove(String address) throws IOException {
        Files.delete(devices().resolve(address));
        Files.delete(group(address).resolve("devices").resolve(address));
        deleteTree(home(address));
    }

    /**
     * Swaps the card: at no moment is the address without a link, though for an instant the link leads nowhere. The new
     * link is made before the old one goes, so that their inodes differ on every file system.
     */
    public void replace(FakeDevice device) throws IOException {
        Path home = home(device.address());
        Path old = root.resolve("staging").resolve(device.address() + ".old");
        Path fresh = root.resolve("staging").resolve(device.address() + ".new");
        write(device, fresh);
        Files.move(home, old, StandardCopyOption.ATOMIC_MOVE);
        Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
        Path link = root.resolve("staging").resolve(device.address());
        Files.createSymbolicLink(link, linkTarget(device.address()));
        Files.move(
                link,
                devices().resolve(device.address()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        deleteTree(old);
    }

    /** Removes the whole tree. */
    public void delete() throws IOException {
        deleteTree(root);
        madeDirectories.clear();
    }

    private Path home(String address) {
        return root.resolve("devices").resolve(rootComplex(address)).resolve(address);
    }

    private static Path linkTarget(String address) {
        return Path.of("../../../devices", rootComplex(address), address);
    }

    private static String rootComplex(String address) {
        return "pci" + address.substring(0, address.indexOf(':')) + ":00";
    }

    private void write(FakeDevice device, Path home) throws IOException {
        Files.createDirectory(home);
        attribute(home, "uevent", device.uevent());
        attribute(home, "vendor", "0x%04x\n".formatted(device.vendor()));
        attribute(home, "device", "0x%04x\n".formatted(device.device()));
        attribute(home, "subsystem_vendor", "0x%04x\n".formatted(device.subsystemVendor()));
        attribute(home, "subsystem_device", "0x%04x\n".formatted(device.subsystemDevice()));
        attribute(home, "class", "0x%06x\n".formatted(device.classCode()));
        attribute(home, "revision", "0x%02x\n".formatted(device.revision()));
        attribute(home, "modalias", device.modalias() + "\n");
        attribute(home, "resource", device.resource());
        attribute(home, "numa_node", device.numaNode() + "\n");
        attribute(home, "irq", "11\n");
        attribute(home, "enable", "1\n");
        Files.write(home.resolve("config"), device.config());

        Files.createSymbolicLink(home.resolve("subsystem"), Path.of("../../../bus/pci"));
        if (!device.kernelDriver().isEmpty()) {
            directory(root.resolve("bus/pci/drivers").resolve(device.kernelDriver()));
            Files.createSymbolicLink(
                    home.resolve("driver"), Path.of("../../../bus/pci/drivers", device.kernelDriver()));
        }
        Path group = group(device.address());
        Path members = group.resolve("devices");
        directory(members);
        Path member = members.resolve(device.address());
        Files.deleteIfExists(member); // of a card that this one replaces
        Files.createSymbolicLink(
                member, Path.of("../../../../devices", rootComplex(device.address()), device.address()));
        Files.createSymbolicLink(home.resolve("iommu_group"), Path.of("../../..").resolve(root.relativize(group)));
    }

    /** Each device has an IOMMU group of its own, always the same one. */
    private Path group(String address) {
        return root.resolve("kernel/iommu_groups").resolve(Integer.toString(address.hashCode() & 0x7fffffff));
    }

    private void directory(Path directory) throws IOException {
        if (madeDirectories.add(directory)) {
            Files.createDirectories(directory);
        }
    }

    private static void attribute(Path home, String name, String contents) throws IOException {
        Files.write(home.resolve(name), contents.getBytes(US_ASCII));
    }

    private static void deleteTree(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                    throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
