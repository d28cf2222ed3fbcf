package org.busbar.shell.internal.driver;

import java.net.MalformedURLException;
import java.nio.file.Path;

/** Locations of bundles, as the watcher of drivers/ writes them. */
final class Locations {

    private Locations() {}

    static String of(Path file) {
        try {
            return file.toAbsolutePath().normalize().toFile().toURI().toURL().toString();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException("no location: " + file, e);
        }
    }
}
