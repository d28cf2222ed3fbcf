package org.busbar.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.osgi.framework.BundleActivator;

/**
 * A bundle that a test makes.
 *
 * @param imports the packages that it needs
 * @param activator a class of the tests, which becomes all that is in it
 * @param headers more of its manifest
 */
record SmallBundle(
        String imports, Optional<Class<? extends BundleActivator>> activator, Map<String, String> headers) {

    static SmallBundle needing(String imports) {
        return new SmallBundle(imports, Optional.empty(), Map.of());
    }

    static SmallBundle with(Class<? extends BundleActivator> activator) {
        return new SmallBundle("org.osgi.framework", Optional.of(activator), Map.of());
    }

    /** Writes the jar. */
    void write(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-SymbolicName", "org.example." + jar.getFileName());
        attributes.putValue("Import-Package", imports);
        headers.forEach(attributes::putValue);
        activator.ifPresent(type -> attributes.putValue("Bundle-Activator", type.getName()));
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            if (activator.isPresent()) {
                String entry = activator.get().getName().replace('.', '/') + ".class";
                out.putNextEntry(new ZipEntry(entry));
                try (InputStream type = activator.get().getResourceAsStream("/" + entry)) {
                    type.transferTo(out);
                }
            }
        }
    }
}
