package org.busbar.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * The folder of one running Busbar: {@code conf/}, {@code drivers/}, {@code log/} and {@code cache/}. Locked while it is
 * in use, because two frameworks in one cache destroy each other's bundles.
 */
final class Home implements AutoCloseable {

    private final Path root;
    private final boolean temporary;
    private final FileChannel lockFile;

    private Home(Path root, boolean temporary, FileChannel lockFile) {
        this.root = root;
        this.temporary = temporary;
        this.lockFile = lockFile;
    }

    /** Opens the home at a folder; one that has no {@code conf/} or {@code drivers/} gets the assembly's, see {@link Seed}. */
    static Home open(Path root, Assembly assembly) throws StartException {
        try {
            Path real = Files.createDirectories(root.toAbsolutePath()).toRealPath();
            FileChannel lock = lock(real);
            Seed seed = new Seed(real);
            seed.fill("conf", assembly.conf());
            seed.fill("drivers", assembly.drivers());
            return new Home(real, false, lock);
        } catch (IOException e) {
            throw new StartException("cannot use " + root + " as home: " + e.getMessage(), e);
        }
    }

    /** Makes a home without any driver, which is deleted when it is closed. */
    static Home temporary(Assembly assembly) throws StartException {
        try {
            Path root = Files.createTempDirectory("busbar-");
            new Seed(root).fill("conf", assembly.conf());
            Files.createDirectories(root.resolve("drivers"));
            return new Home(root, true, lock(root));
        } catch (IOException e) {
            throw new StartException("cannot make a temporary home: " + e.getMessage(), e);
        }
    }

    private static FileChannel lock(Path root) throws IOException, StartException {
        Path file = root.resolve("lock");
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // This process has it already: the same answer as if another one had.
        }
        channel.close();
        throw new StartException("another Busbar is running in " + root
                + "; end it, or start this one in a home of its own: --home DIR");
    }

    Path root() {
        return root;
    }

    Path conf() {
        return root.resolve("conf");
    }

    Path drivers() {
        return root.resolve("drivers");
    }

    Path cache() {
        return root.resolve("cache");
    }

    Path log() {
        return root.resolve("log");
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
        if (temporary) {
            delete(root);
        }
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
