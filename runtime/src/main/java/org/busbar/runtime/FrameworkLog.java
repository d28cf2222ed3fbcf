package org.busbar.runtime;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.apache.felix.framework.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the framework has to say itself, in {@code log/framework.log}: errors that come before the log service, or that
 * keep it from starting. Begins anew with every start.
 */
final class FrameworkLog extends Logger {

    private static final String[] LEVELS = {"", "ERROR", "WARN", "INFO", "DEBUG"};

    private final PrintWriter out;

    FrameworkLog(Path folder) throws StartException {
        try {
            Files.createDirectories(folder);
            out = new PrintWriter(
                    Files.newBufferedWriter(
                            folder.resolve("framework.log"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.TRUNCATE_EXISTING,
                            StandardOpenOption.WRITE),
                    true);
        } catch (IOException e) {
            throw new StartException("cannot write the log: " + e.getMessage(), e);
        } catch (UncheckedIOException e) {
            throw new StartException("cannot write the log: " + e.getMessage(), e);
        }
        setLogLevel(LOG_WARNING);
    }

    @Override
    protected void doLogOut(int level, String message, @Nullable Throwable cause) {
        synchronized (out) {
            out.println(Instant.now() + " " + LEVELS[Math.clamp(level, 1, 4)] + " " + message);
            if (cause != null) {
                cause.printStackTrace(out);
            }
        }
    }
}
