package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the kernel shows VFIO devices and IOMMU groups.
 *
 * @param dev usually {@code /dev/vfio}
 * @param sys usually {@code /sys}
 * @param proc usually {@code /proc}
 */
record VfioPaths(Path dev, Path sys, Path proc) {

    static final VfioPaths SYSTEM = new VfioPaths(Path.of("/dev/vfio"), Path.of("/sys"), Path.of("/proc"));

    Path container() {
        return dev.resolve("vfio");
    }

    Path group(int number) {
        return dev.resolve(Integer.toString(number));
    }

    /** Returns how many functions a group has, bridges among them; 1 if that cannot be read. */
    int functionsOf(int group) {
        return Math.max(1, addressesOf(group).size());
    }

    /** Returns the functions of a group, each with the kernel driver that has it: {@code 0000:02:00.0 (nvme)}. */
    List<String> describeFunctionsOf(int group) {
        return addressesOf(group).stream()
                .map(address -> address + " (" + driverOf(address).orElse("no driver") + ")")
                .toList();
    }

    /** Returns the kernel driver that has a function. */
    Optional<String> driverOf(String address) {
        Path link = sys.resolve("bus/pci/devices").resolve(address).resolve("driver");
        try {
            return Optional.of(Files.readSymbolicLink(link).getFileName().toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Returns whether there are IOMMU groups at all. */
    boolean hasIommu() {
        return !list(sys.resolve("kernel/iommu_groups")).isEmpty();
    }

    private List<String> addressesOf(int group) {
        return list(sys.resolve("kernel/iommu_groups").resolve(Integer.toString(group)).resolve("devices"));
    }

    private static List<String> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
