package org.busbar.shell.nvme.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Locale;
import org.apache.felix.service.command.CommandSession;
import org.busbar.shell.internal.words.CommandFailure;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Asks whoever sits at the terminal before something is done that cannot be undone; without a terminal, nobody. */
@Component(service = Confirmation.class)
public final class Confirmation {

    private static final int LONGEST_ANSWER = 200;

    private final boolean terminal;

    @Activate
    public Confirmation(BundleContext context) {
        this(Boolean.parseBoolean(context.getProperty("busbar.terminal")));
    }

    Confirmation(boolean terminal) {
        this.terminal = terminal;
    }

    /** Returns whether there is a terminal. */
    public boolean terminal() {
        return terminal;
    }

    /**
     * Returns when it may be done.
     *
     * @param what what is about to happen, one sentence
     * @param option what to add to the command to not be asked
     * @throws CommandFailure if the answer is not yes, or there is nobody to ask
     */
    public void require(CommandSession session, String what, String option) {
        if (!terminal) {
            throw new CommandFailure(what + " Add " + option + " if that is what you want.");
        }
        PrintStream out = session.getConsole();
        out.print(what + " Go on (yes or no)? ");
        out.flush();
        try {
            if (!answer(session.getKeyboard()).strip().toLowerCase(Locale.ROOT).equals("yes")) {
                throw new CommandFailure("nothing was done; only 'yes' goes on");
            }
        } catch (IOException e) {
            throw new CommandFailure("nothing was done: the answer cannot be read, " + e.getMessage(), e);
        }
    }

    private static String answer(InputStream keyboard) throws IOException {
        StringBuilder answer = new StringBuilder();
        for (int key = keyboard.read(); key >= 0 && key != '\n' && key != '\r'; key = keyboard.read()) {
            if (answer.length() < LONGEST_ANSWER) {
                answer.append((char) key);
            }
        }
        return answer.toString();
    }
}
