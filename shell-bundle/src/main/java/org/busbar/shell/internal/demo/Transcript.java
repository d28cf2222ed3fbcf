package org.busbar.shell.internal.demo;

import java.io.PrintStream;

/** What the audience sees: headlines with the time, and below them what was found. */
final class Transcript {

    private final PrintStream out;
    private final long start = System.nanoTime();
    private int checks;

    Transcript(PrintStream out) {
        this.out = out;
    }

    void headline(int number, String title) {
        out.printf("%n%6.2f s  %d. %s%n", seconds(), number, title);
    }

    void note(String text) {
        text.lines().forEach(line -> out.println("             " + line));
    }

    void passed(String text) {
        checks++;
        out.println("          ok " + text);
    }

    void failed(String text) {
        out.println("      FAILED " + text);
    }

    void end(String text) {
        out.printf("%n%6.2f s  %s%n", seconds(), text);
    }

    int checks() {
        return checks;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }
}
