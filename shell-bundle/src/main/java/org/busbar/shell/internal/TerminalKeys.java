package org.busbar.shell.internal;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.utils.NonBlockingReader;

/**
 * The keys of the terminal console. A class of its own, because JLine is there only with a terminal: nobody may load this
 * class without one.
 */
final class TerminalKeys {

    private static final long LOOK_MILLIS = 100;
    private static final int END_OF_INPUT = 'D' - '@';

    private TerminalKeys() {}

    /**
     * Waits for Enter, Ctrl-C, the end of input, or until it is enough. Ctrl-C does not reach the console meanwhile, which
     * would interrupt the command and report that; and no key is read that the prompt should have.
     */
    static void awaitEnd(Object console, CountDownLatch enough) throws IOException {
        Terminal terminal = (Terminal) console;
        AtomicBoolean ended = new AtomicBoolean();
        SignalHandler before = terminal.handle(Signal.INT, signal -> ended.set(true));
        Attributes lines = terminal.enterRawMode(); // or a read would wait for a whole line, however long that takes
        try {
            while (!ended.get() && enough.getCount() > 0) {
                // From the terminal's reader, as the prompt does: what one of two has read the other would miss.
                switch (terminal.reader().read(LOOK_MILLIS)) {
                    case '\n', '\r', END_OF_INPUT, NonBlockingReader.EOF -> ended.set(true);
                    default -> {
                        // Some other key, or none in time.
                    }
                }
            }
        } finally {
            terminal.setAttributes(lines);
            terminal.handle(Signal.INT, before);
        }
    }
}
