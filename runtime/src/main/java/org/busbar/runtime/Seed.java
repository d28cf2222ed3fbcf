package org.busbar.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Fills a folder of a home from the assembly's. A second copy, in {@code .shipped/}, tells later what the user has made of
 * it: files that he has not touched follow the assembly when that is built anew, his own and those that he has deleted stay
 * as they are. Whatever stops it half-way, no file and no folder is ever seen half full.
 */
final class Seed {

    private static final String SHIPPED = ".shipped";
    private static final String UNFINISHED = ".new";

    private final Path home;

    Seed(Path home) {
        this.home = home;
    }

    /** Fills a folder, or brings it up to date if it came from an assembly. */
    void fill(String name, Path from) throws IOException {
        Path own = home.resolve(name);
        Path shipped = home.resolve(SHIPPED).resolve(name);
        if (!Files.exists(own)) {
            Files.createDirectories(shipped.getParent());
            copyAll(from, shipped);
            copyAll(from, own);
        } else if (Files.isDirectory(shipped)) {
            for (Path file : files(from)) {
                follow(file, own.resolve(file.getFileName()), shipped.resolve(file.getFileName()));
            }
        }
    }

    private static void follow(Path latest, Path own, Path shipped) throws IOException {
        boolean known = Files.exists(shipped);
        if (known && isSame(latest, shipped)) {
            return;
        }
        boolean untouched = known ? Files.exists(own) && isSame(own, shipped) : !Files.exists(own);
        if (untouched) {
            copy(latest, own);
        }
        copy(latest, shipped);
    }

    private static boolean isSame(Path one, Path other) throws IOException {
        return Files.mismatch(one, other) < 0;
    }

    private static void copyAll(Path from, Path to) throws IOException {
        Path unfinished = to.resolveSibling(to.getFileName() + UNFINISHED);
        delete(unfinished);
        delete(to);
        Files.createDirectories(unfinished);
        for (Path file : files(from)) {
            Files.copy(file, unfinished.resolve(file.getFileName()));
        }
        Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Copies by way of a name that nobody takes for a driver or for configuration. */
    private static void copy(Path from, Path to) throws IOException {
        Path unfinished = to.resolveSibling("." + to.getFileName() + UNFINISHED);
        Files.copy(from, unfinished, StandardCopyOption.REPLACE_EXISTING);
        Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes a folder of files, or nothing. */
    private static void delete(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            for (Path file : files(folder)) {
                Files.delete(file);
            }
        }
        Files.deleteIfExists(folder);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
