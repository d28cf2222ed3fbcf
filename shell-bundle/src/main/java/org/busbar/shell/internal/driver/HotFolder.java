package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.busbar.shell.internal.Failure;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** The folder drivers/, whose jars are installed by themselves. Files appear in it at once and whole. */
final class HotFolder {

    private final @Nullable Path folder;

    HotFolder(BundleContext context) {
        String property = context.getProperty("busbar.drivers");
        folder = property == null ? null : Path.of(property).toAbsolutePath().normalize();
    }

    /** Throws if a jar is in the folder. */
    void requireElsewhere(DriverJar jar) {
        if (folder != null && folder.equals(jar.file().getParent())) {
            throw new Failure(
                    jar.file() + " is in the folder whose jars are installed by themselves; give one from elsewhere");
        }
    }

    /** Returns the file in the folder that a bundle comes from, nothing if it comes from elsewhere. */
    Optional<Path> fileOf(Bundle bundle) {
        if (folder == null || !bundle.getLocation().startsWith("file:")) {
            return Optional.empty();
        }
        try {
            Path file = Path.of(URI.create(bundle.getLocation())).normalize();
            return folder.equals(file.getParent()) ? Optional.of(file) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a location can be any text
        }
    }

    /** Returns a file beside another one that is not there yet, for a jar that takes its place. */
    Path beside(Path other, DriverJar jar) {
        for (Path name : new Path[] {
            jar.file().getFileName(), Path.of(jar.symbolicName() + "-" + jar.version() + ".jar")}) {
            Path file = other.resolveSibling(name);
            if (!Files.exists(file)) {
                return file;
            }
        }
        throw new Failure(other.resolveSibling(jar.file().getFileName()) + " is there already, and so is "
                + jar.symbolicName() + "-" + jar.version() + ".jar; rename the new jar");
    }

    /** Copies a file to a place in the folder, over what is there. */
    static void put(Path from, Path to) throws IOException {
        Path part = to.resolveSibling(to.getFileName() + ".part");
        try {
            Files.copy(from, part, StandardCopyOption.REPLACE_EXISTING);
            Files.move(part, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
