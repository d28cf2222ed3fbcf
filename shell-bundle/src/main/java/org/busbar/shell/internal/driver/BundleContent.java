package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.busbar.shell.internal.Failure;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;

/** What is in a bundle that is installed, whatever has become of the file that it came from. */
final class BundleContent {

    private BundleContent() {}

    /** Writes it to a jar. */
    static void save(Bundle bundle, Path to) throws IOException {
        URL manifest = bundle.getEntry(JarFile.MANIFEST_NAME);
        if (manifest == null) {
            throw new Failure("the manifest of " + bundle + " cannot be read, so that nothing could bring it back");
        }
        try (OutputStream file = Files.newOutputStream(to);
                ZipOutputStream jar = new ZipOutputStream(file)) {
            add(jar, JarFile.MANIFEST_NAME, manifest);
            @Nullable
            Enumeration<URL> entries = bundle.findEntries("/", "*", true);
            for (URL entry : entries == null ? Collections.<URL>emptyList() : Collections.list(entries)) {
                String name = entry.getPath().replaceFirst("^/+", "");
                if (!name.endsWith("/") && !name.equals(JarFile.MANIFEST_NAME)) {
                    add(jar, name, entry);
                }
            }
        }
    }

    private static void add(ZipOutputStream jar, String name, URL content) throws IOException {
        jar.putNextEntry(new ZipEntry(name));
        try (InputStream in = content.openStream()) {
            in.transferTo(jar);
        }
        jar.closeEntry();
    }
}
