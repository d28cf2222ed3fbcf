package org.busbar.shell.net.internal.run;

import java.io.IOException;
import java.util.Optional;
import org.busbar.shell.internal.text.Fields;

/**
 * What a command does until it is done, is stopped, or a device goes. Opened on the command's thread, so that what is missing
 * ends the command at once; run and closed on a thread of its own; looked at from any.
 */
public interface Work extends AutoCloseable {

    /** Returns what it is, as typed. */
    String title();

    /** Takes what the work needs: queues, files. */
    void open() throws IOException;

    /** Does the work; returns when it is done, or soon after a stop. */
    void run(Stop stop) throws IOException, InterruptedException;

    /** Gives back what {@link #open} has taken, as much as that was. Not called while the work runs. */
    @Override
    void close() throws IOException;

    /** Returns how far it is, one line. */
    String progress();

    /** Returns what came of it so far. */
    Fields report();

    /** Returns what makes the command fail although the work has come to its end. */
    default Optional<String> complaint() {
        return Optional.empty();
    }
}
