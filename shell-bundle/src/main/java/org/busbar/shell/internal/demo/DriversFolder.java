package org.busbar.shell.internal.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;

/** The folder into which driver jars are dropped. A jar appears in it at once and whole, by renaming. */
final class DriversFolder {

    private final Path shelf;
    private final Path folder;

    /**
     * @param shelf where the driver jars are taken from
     * @param folder where they are dropped
     */
    DriversFolder(Path shelf, Path folder) {
        this.shelf = shelf;
        this.folder = folder;
    }

    Path path() {
        return folder;
    }

    /** Copies a jar into the folder. */
    void drop(String jar) throws IOException {
        Path part = folder.resolve(jar + ".part");
        Files.copy(shelf.resolve(jar), part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, folder.resolve(jar), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Replaces a jar in the folder by one of another version with the same classes. */
    void update(String jar, String version) throws IOException {
        Path part = folder.resolve(jar + ".part");
        try (JarFile old = new JarFile(shelf.resolve(jar).toFile());
                OutputStream file = Files.newOutputStream(part);
                JarOutputStream out = new JarOutputStream(file, withVersion(old.getManifest(), version))) {
            for (Enumeration<JarEntry> entries = old.entries(); entries.hasMoreElements();) {
                JarEntry entry = entries.nextElement();
                if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
                    copy(old, entry, out);
                }
            }
        }
        Files.move(part, folder.resolve(jar), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Manifest withVersion(Manifest manifest, String version) {
        Manifest changed = new Manifest(manifest);
        changed.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version);
        return changed;
    }

    private static void copy(JarFile from, JarEntry entry, JarOutputStream to) throws IOException {
        to.putNextEntry(new JarEntry(entry.getName()));
        try (InputStream content = from.getInputStream(entry)) {
            content.transferTo(to);
        }
        to.closeEntry();
    }
}
