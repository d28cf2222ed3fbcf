package org.busbar.shell.internal.console;

import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;

/**
 * Ctrl-C as a way to end a command in order: the console, which would interrupt the command and report that, does not get it
 * meanwhile. Without a terminal there is nothing to be taken from it, and JLine may not even be installed.
 */
public final class CtrlC implements AutoCloseable {

    private static final String TERMINAL = ".terminal";

    private final Optional<Runnable> restore;

    private CtrlC(Optional<Runnable> restore) {
        this.restore = restore;
    }

    /** Has an action run instead of the console's, from the terminal's thread, until this is closed. */
    public static CtrlC does(CommandSession session, Runnable action) {
        return new CtrlC(Optional.ofNullable(session.get(TERMINAL)).map(terminal -> Keys.take(terminal, action)));
    }

    @Override
    public void close() {
        restore.ifPresent(Runnable::run);
    }

    /** Loaded only with a terminal, because JLine is there only then. */
    private static final class Keys {

        private Keys() {}

        static Runnable take(Object console, Runnable action) {
            Terminal terminal = (Terminal) console;
            SignalHandler before = terminal.handle(Signal.INT, signal -> action.run());
            return () -> terminal.handle(Signal.INT, before);
        }
    }
}
