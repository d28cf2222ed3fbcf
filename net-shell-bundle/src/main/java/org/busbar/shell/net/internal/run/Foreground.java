package org.busbar.shell.net.internal.run;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;
import org.busbar.shell.internal.console.CtrlC;

/** The place of a command in its session: whether there is a terminal, and the wait for the end, its own or the user's. */
public final class Foreground {

    /** Where the terminal console keeps its terminal; other consoles have none. */
    private static final String TERMINAL = ".terminal";

    private static final long LOOK_MILLIS = 100;
    private static final String ERASE_LINE = "\r\u001b[K";

    private final CommandSession session;
    private final boolean terminal;

    public Foreground(CommandSession session) {
        this.session = session;
        Job job = Job.Utils.current();
        terminal = session.get(TERMINAL) != null && (job == null || job.status() != Job.Status.Background);
    }

    /** Returns whether somebody looks on who has keys. */
    public boolean isTerminal() {
        return terminal;
    }

    /**
     * Waits until something has ended, or the user wants it to: by Ctrl-C on a terminal, elsewhere by an interrupt.
     *
     * @param meanwhile is called about ten times a second, if there is a terminal
     * @return whether the user does
     */
    public boolean await(CountDownLatch ended, Runnable meanwhile) {
        if (!terminal) {
            return waits(ended, new AtomicBoolean(), () -> {});
        }
        AtomicBoolean wanted = new AtomicBoolean();
        try (CtrlC _ = CtrlC.does(session, () -> wanted.set(true))) {
            return waits(ended, wanted, meanwhile);
        }
    }

    private static boolean waits(CountDownLatch ended, AtomicBoolean wanted, Runnable meanwhile) {
        try {
            while (!wanted.get() && !ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                meanwhile.run();
            }
            return ended.getCount() > 0;
        } catch (InterruptedException e) { // who interrupts wants the command to end, and it does
            return true;
        }
    }

    /** Writes a line over the one before; only on a terminal. */
    public void live(String line) {
        if (terminal) {
            session.getConsole().print(ERASE_LINE + line);
            session.getConsole().flush();
        }
    }

    /** Takes away the line that was written over and over. */
    public void endLive() {
        live("");
    }
}
