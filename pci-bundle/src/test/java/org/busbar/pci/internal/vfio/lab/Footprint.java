package org.busbar.pci.internal.vfio.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process holds. */
record Footprint(long descriptors, long mappings, long threads) {
    static Footprint now() throws IOException {
        return new Footprint(count(Path.of("/proc/self/fd")), vfioMappings(), busbarThreads());
    }

    private static long count(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> isOurs(entry)).count();
        }
    }

    private static boolean isOurs(Path descriptor) {
        try {
            String target = Files.readSymbolicLink(descriptor).toString();
            return target.startsWith("/dev/vfio/") || target.contains("[vfio") || target.contains("[eventfd");
        } catch (IOException e) {
            return false;
        }
    }

    private static long vfioMappings() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps"))
                .stream()
                .filter(line -> line.contains("[vfio"))
                .count();
    }

    private static long busbarThreads() {
        return Thread.getAllStackTraces()
                .keySet()
                .stream()
                .filter(thread -> thread.getName().startsWith("busbar"))
                .count();
    }
}
