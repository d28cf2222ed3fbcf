package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.busbar.shell.internal.Deployments;
import org.busbar.shell.internal.Failure;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * A jar with a driver in it, as far as that can be told without installing it.
 *
 * @param file where it is
 * @param symbolicName its bundle's
 * @param version its bundle's
 */
record DriverJar(Path file, String symbolicName, Version version) {

    private static final Pattern DRIVERS_NEED = Pattern.compile("(^|[,;])org\\.busbar\\.pci([,;]|$)");

    /** Looks at a jar. Throws {@link Failure} with what is wrong with it. */
    static DriverJar at(String text) {
        Path file;
        try {
            file = Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new Failure("'" + text + "' is no file name: " + e.getReason(), e);
        }
        if (!Files.exists(file)) {
            throw new Failure("there is no file " + file);
        }
        if (Files.isDirectory(file)) {
            throw new Failure(file + " is a folder; give the jar of a driver");
        }
        if (!Files.isReadable(file)) {
            throw new Failure(file + " may not be read by the user that Busbar runs as");
        }
        Deployments.notABundle(file).ifPresent(why -> {
            throw new Failure(file + " " + why);
        });
        return read(file);
    }

    private static DriverJar read(Path file) {
        try (JarFile jar = new JarFile(file.toFile())) {
            Attributes manifest = jar.getManifest().getMainAttributes();
            String imports = Objects.requireNonNullElse(manifest.getValue(Constants.IMPORT_PACKAGE), "");
            if (!DRIVERS_NEED.matcher(imports.replaceAll("\\s", "")).find()) {
                throw new Failure(
                        file + " is no driver: it does not import org.busbar.pci, whose PciDriver drivers implement");
            }
            String name = manifest.getValue(Constants.BUNDLE_SYMBOLICNAME).replaceFirst(";.*", "").strip();
            return new DriverJar(file, name, Version.parseVersion(manifest.getValue(Constants.BUNDLE_VERSION)));
        } catch (IOException e) {
            throw new Failure(file + " cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new Failure(file + " has a malformed Bundle-Version: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return symbolicName + " " + version;
    }
}
