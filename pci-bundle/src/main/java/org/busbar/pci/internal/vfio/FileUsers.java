package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the processes that have a file open, as far as this process may look. For messages. */
final class FileUsers {

    private FileUsers() {}

    /** Returns the processes, each as {@code name (pid 123)}. */
    static List<String> of(Path proc, Path file) {
        List<String> users = new ArrayList<>();
        try (Stream<Path> processes = Files.list(proc)) {
            processes.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .filter(process -> hasOpen(process, file))
                    .forEach(process -> users.add(describe(process)));
        } catch (IOException e) {
            return List.of();
        }
        return users;
    }

    private static boolean hasOpen(Path process, Path file) {
        try (Stream<Path> descriptors = Files.list(process.resolve("fd"))) {
            return descriptors.anyMatch(descriptor -> isLinkTo(descriptor, file));
        } catch (IOException e) {
            return false; // somebody else's process, or it has just ended
        }
    }

    private static boolean isLinkTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).equals(file);
        } catch (IOException e) {
            return false; // just closed
        }
    }

    private static String describe(Path process) {
        String pid = "pid " + process.getFileName();
        try {
            return Files.readString(process.resolve("comm")).strip() + " (" + pid + ")";
        } catch (IOException e) {
            return pid;
        }
    }
}
