package org.busbar.core.internal.engine;

import java.util.function.Supplier;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.jspecify.annotations.Nullable;

/**
 * Turns what a driver throws into an exception of the core's own that says the same. The original is foreign code: its
 * {@code getMessage} may throw or hang, and it keeps the driver's class loader alive. So it is asked once, on the
 * thread that the driver was called on and under that call's deadline, and goes no further.
 */
final class Plain {

    private static final int DEEPEST_CAUSE = 8;

    private Plain() {}

    /** Returns an exception that describes this one; of the same kind, where the kind says what is to follow. */
    static ProbeException of(Throwable thrown) {
        ProbeException plain =
                switch (thrown) {
                    case ProbeDeferredException deferred ->
                        new ProbeDeferredException(text(deferred), ask(() -> filter(deferred)));
                    case ProbeDeclinedException declined -> new ProbeDeclinedException(text(declined));
                    default -> new ProbeException(text(thrown));
                };
        copyTrace(thrown, plain, 0);
        return plain;
    }

    private static void copyTrace(Throwable thrown, Throwable plain, int depth) {
        StackTraceElement[] trace = ask(thrown::getStackTrace);
        plain.setStackTrace(trace == null ? new StackTraceElement[0] : trace);
        Throwable cause = depth < DEEPEST_CAUSE ? ask(thrown::getCause) : null;
        if (cause != null) {
            ProbeException plainCause = new ProbeException(text(cause));
            copyTrace(cause, plainCause, depth + 1);
            plain.initCause(plainCause);
        }
    }

    private static @Nullable String filter(ProbeDeferredException deferred) {
        return deferred.serviceFilter().orElse(null);
    }

    /** A driver's own words for a failed probe stand alone; of anything else the class says more than the message. */
    private static String text(Throwable thrown) {
        String message = ask(thrown::getMessage);
        if (message == null || message.isBlank()) {
            return thrown.getClass().getSimpleName();
        }
        return thrown instanceof ProbeException ? message : thrown.getClass().getSimpleName() + ": " + message;
    }

    private static <T> @Nullable T ask(Supplier<@Nullable T> foreign) {
        try {
            return foreign.get();
        } catch (Throwable unspeakable) { // an exception that cannot even describe itself is described by its class
            return null;
        }
    }
}
