package org.busbar.itest.felix;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Makes the jars of bundles while a test runs. */
final class BundleJar {

    private final Manifest manifest = new Manifest();
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    private BundleJar(String symbolicName) {
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        header("Bundle-ManifestVersion", "2").header("Bundle-SymbolicName", symbolicName).version("1.0.0");
    }

    static BundleJar named(String symbolicName) {
        return new BundleJar(symbolicName);
    }

    /** Returns a bundle with everything that is in a jar, to be changed. */
    static BundleJar copyOf(Path jar) {
        try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
            BundleJar copy = new BundleJar("");
            copy.manifest.clear();
            copy.manifest.getMainAttributes().putAll(in.getManifest().getMainAttributes());
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                if (!entry.isDirectory()) {
                    copy.files.put(entry.getName(), in.readAllBytes());
                }
            }
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    BundleJar version(String version) {
        return header("Bundle-Version", version);
    }

    BundleJar header(String name, String value) {
        manifest.getMainAttributes().putValue(name, value);
        return this;
    }

    BundleJar without(String header) {
        manifest.getMainAttributes().remove(new Attributes.Name(header));
        return this;
    }

    BundleJar imports(String packages) {
        return header("Import-Package", packages);
    }

    BundleJar alsoImports(String packages) {
        return imports(manifest.getMainAttributes().getValue("Import-Package") + "," + packages);
    }

    /** Adds classes with the classes nested in them; not anonymous ones. */
    BundleJar classes(Class<?>... classes) {
        for (Class<?> type : classes) {
            String file = type.getName().replace('.', '/') + ".class";
            try (InputStream in = type.getResourceAsStream('/' + file)) {
                if (in == null) {
                    throw new IllegalArgumentException("there is no " + file + " to put into a bundle");
                }
                files.put(file, in.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            classes(type.getDeclaredClasses());
        }
        return this;
    }

    InputStream open() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
                out.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
