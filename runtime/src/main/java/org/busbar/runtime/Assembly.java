package org.busbar.runtime;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * The folder that the build makes: what is installed, and never written to while Busbar runs in another home.
 *
 * @param root the folder
 */
record Assembly(Path root) {

    /** Finds the assembly that the launcher's own jar, {@code lib/busbar-launcher.jar}, is a part of. */
    static Assembly ofThisLauncher() throws StartException {
        try {
            Path jar = Path.of(Assembly.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path root = jar.resolve("../..").normalize();
            if (!Files.isDirectory(root.resolve("bundle"))) {
                throw new StartException("no folder bundle/ beside " + jar.getParent() + ": the assembly is incomplete,"
                        + " build it with ./mvnw -pl runtime -am package");
            }
            return new Assembly(root);
        } catch (URISyntaxException e) {
            throw new StartException("cannot tell where the launcher is: " + e.getMessage(), e);
        }
    }

    /** Returns the bundles that make up the runtime. */
    List<Path> bundles() throws IOException {
        return jars("bundle");
    }

    /** Returns the bundles of one of the consoles: {@code jline} for a terminal, {@code plain} for anything else. */
    List<Path> console(boolean terminal) throws IOException {
        return jars("console").stream()
                .filter(jar -> jar.getFileName().toString().contains("jline") == terminal)
                .toList();
    }

    Path drivers() {
        return root.resolve("drivers");
    }

    Path conf() {
        return root.resolve("conf");
    }

    private List<Path> jars(String folder) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(root.resolve(folder), "*.jar")) {
            return StreamSupport.stream(jars.spliterator(), false).sorted().toList();
        }
    }
}
