package org.busbar.shell.internal;

import java.io.IOException;
import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.BindException;

/** Does what a command asks for, and turns what the services throw into a message. */
final class Verb {

    static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Something that may fail in the ways in which services of the bus do. */
    interface Action<T> {
        T run() throws BindException, DeviceTimeoutException, IOException, InterruptedException;
    }

    /** As {@link Action}, without a result. */
    interface Deed {
        void run() throws BindException, DeviceTimeoutException, IOException, InterruptedException;
    }

    private Verb() {}

    static Deadline deadline() {
        return Deadline.after(PATIENCE);
    }

    static void run(Deed deed) {
        get(() -> {
            deed.run();
            return true;
        });
    }

    static <T> T get(Action<T> action) {
        try {
            return action.run();
        } catch (BindException
                | DeviceTimeoutException
                | IOException
                | IllegalArgumentException
                | IllegalStateException e) {
            throw new Failure(message(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted", e);
        }
    }

    private static String message(Exception e) {
        String text = e.getMessage();
        return text == null || text.isBlank() ? e.toString() : text.lines().findFirst().orElse(text);
    }
}
