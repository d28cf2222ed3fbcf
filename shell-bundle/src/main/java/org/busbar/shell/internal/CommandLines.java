package org.busbar.shell.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Set;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.busbar.shell.internal.text.StandardStreams;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs shell commands line by line, each as it comes. Lines that are empty or begin with # are left out, and {@code exit}
 * ends the input.
 */
final class CommandLines {

    private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);
    private static final Set<String> ENDS = Set.of("exit", "quit");

    private final CommandProcessor processor;
    private final PrintStream out = StandardStreams.out();
    private final PrintStream err = StandardStreams.err();

    CommandLines(CommandProcessor processor) {
        this.processor = processor;
    }

    /**
     * Runs a batch: shows each command on standard error, and stops at the first that fails.
     *
     * @param name what to call the input in messages
     * @return whether none has failed
     */
    boolean batch(BufferedReader lines, String name) throws IOException {
        return run(lines, name, true);
    }

    /** Runs what comes over a pipe: shows results only, and goes on after failures. */
    void piped(BufferedReader lines) throws IOException {
        run(lines, "", false);
    }

    private boolean run(BufferedReader lines, String name, boolean batch) throws IOException {
        try (CommandSession session = processor.createSession(InputStream.nullInputStream(), out, err)) {
            // As the consoles have it: a command without scope is looked for in all of them.
            session.put("SCOPE", "gogo:*");
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                String command = line.strip();
                if (ENDS.contains(command)) {
                    return true;
                }
                if (command.isEmpty() || command.startsWith("#")) {
                    continue;
                }
                if (batch) {
                    err.println("> " + command); // what commands print is the output: it can be piped on
                }
                if (!succeeds(session, command, batch ? "busbar: " + name + ", line " + number + ": " : "busbar: ")
                        && batch) {
                    return false;
                }
            }
            return true;
        }
    }

    private boolean succeeds(CommandSession session, String command, String where) {
        try {
            Object result = session.execute(command);
            if (result != null && !"".equals(result) && !(result instanceof Boolean)) {
                out.println(result instanceof String ? result : session.format(result, Converter.INSPECT));
            }
            return true;
        } catch (Exception e) { // whatever a command throws is its failure, and is shown
            if (!(e instanceof Failure)) {
                LOG.info("'{}' failed", command, e);
            }
            err.println(where + (e.getMessage() == null ? e : e.getMessage()));
            return false;
        } finally {
            out.flush();
        }
    }
}
