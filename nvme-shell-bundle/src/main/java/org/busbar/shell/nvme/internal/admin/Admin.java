package org.busbar.shell.nvme.internal.admin;

import java.io.IOException;
import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.shell.internal.words.CommandFailure;

/** Talks to controllers, and turns what they throw into a message. */
final class Admin {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** For what erases. */
    static final Duration LONG_PATIENCE = Duration.ofMinutes(30);

    /** Something that a controller is asked for. */
    @FunctionalInterface
    interface Question<T> {
        T ask(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException;
    }

    /** Something that a controller is to do. */
    @FunctionalInterface
    interface Order {
        void give(Deadline deadline) throws IOException, DeviceTimeoutException, InterruptedException;
    }

    private Admin() {}

    static <T> T ask(Question<T> question) {
        return ask(PATIENCE, question);
    }

    static void order(Order order) {
        order(PATIENCE, order);
    }

    static void order(Duration patience, Order order) {
        ask(patience, deadline -> {
            order.give(deadline);
            return true;
        });
    }

    private static <T> T ask(Duration patience, Question<T> question) {
        try {
            return question.ask(Deadline.after(patience));
        } catch (IOException
                | DeviceTimeoutException
                | DeviceGoneException
                | UnsupportedOperationException
                | IllegalArgumentException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }
}
