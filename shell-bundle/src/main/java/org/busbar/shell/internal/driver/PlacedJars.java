package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.nio.file.Path;

/** Jars in the folder drivers/ whose bundles were installed before their files appeared there. Thread-safe. */
interface PlacedJars {

    /** From here on a file is that of a bundle with its location: it is not installed again when it appears. */
    void expect(Path file);

    /** The file has not come about: one of this name is anybody's. */
    void forget(Path file);

    /** The file is there; what is done to it from here on is meant for its bundle. */
    void placed(Path file) throws IOException;
}
