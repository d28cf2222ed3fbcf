package org.busbar.pci.internal.vfio.lab;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** What steps of a lab program have in common. */
final class Lab {

    private Lab() {}

    static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    /** Returns the milliseconds that have passed since {@link System#nanoTime} was {@code from}. */
    static double millis(long from) {
        return (System.nanoTime() - from) / 1e6;
    }

    static void say(String step, String text) {
        System.out.println(step + ": " + text);
    }

    /** Starts commands in a shell that has the lab's functions. */
    static Process shell(String commands) throws IOException {
        return new ProcessBuilder("bash", "-c", ". \"$LAB_GUEST/lib.sh\"; " + commands).inheritIO().start();
    }

    /** Runs commands that must succeed. */
    static void run(String commands) throws Exception {
        Process process = shell(commands);
        check(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0, commands);
    }
}
