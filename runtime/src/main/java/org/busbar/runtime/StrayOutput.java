package org.busbar.runtime;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What bundles print to {@link System#out} unasked, in {@code log/output.log}: standard output belongs to the session, so
 * that it can be piped on. Begins anew with every start.
 */
final class StrayOutput {

    private StrayOutput() {}

    /** Leads {@link System#out} there, for the rest of the process: bundles print even while they stop. */
    static void intoLog(Path folder) throws StartException {
        try {
            Files.createDirectories(folder);
            System.setOut(new PrintStream(
                    Files.newOutputStream(folder.resolve("output.log")), true, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new StartException("cannot write the log: " + e.getMessage(), e);
        }
    }
}
