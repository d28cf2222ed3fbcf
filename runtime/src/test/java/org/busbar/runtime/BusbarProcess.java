package org.busbar.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Runs the assembly's start script, as a user would. */
final class BusbarProcess {

    private static final long DEADLINE_SECONDS = 120;
    private static final Pattern CONTROL = Pattern.compile("\u001b(\\[[0-9;?]*[ -/]*[@-~]|[()][A-Z0-9]|[=>78])|\r");

    /**
     * What came of it.
     *
     * @param status exit status
     * @param out standard output
     * @param err standard error
     */
    record Result(int status, String out, String err) {}

    private final Process process;
    private final Path out;
    private final Path err;

    private BusbarProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    static BusbarProcess start(Path folder, String... arguments) throws IOException {
        return start(folder, Path.of(System.getProperty("busbar.assembly"), "bin", "busbar"), arguments);
    }

    /** Starts a program of an assembly. */
    static BusbarProcess start(Path folder, Path program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(List.of(arguments));
        Path out = Files.createTempFile(folder, "out", ".txt");
        Path err = Files.createTempFile(folder, "err", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().remove("BUSBAR_SYSFS");
        builder.environment().remove("BUSBAR_HOME");
        builder.environment().keySet().removeAll(List.of("BUSBAR_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
        return new BusbarProcess(builder.start(), out, err);
    }

    /** Runs it to its end with some lines as input. */
    static Result run(Path folder, String input, String... arguments) throws IOException, InterruptedException {
        return start(folder, arguments).type(input).end();
    }

    /** Returns the files that the process has mapped. */
    String maps() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(process.pid()), "maps"));
    }

    /** Returns what the process has taken of the machine. */
    Footprint footprint() throws IOException, InterruptedException {
        return Footprint.of(process.pid());
    }

    /** Types lines. */
    BusbarProcess type(String lines) throws IOException {
        process.getOutputStream().write(lines.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().flush();
        return this;
    }

    /** Waits until a line of its output begins with a text. */
    BusbarProcess untilItSays(String text) throws IOException, InterruptedException {
        return until("said '" + text + "'", out, said -> said.lines().anyMatch(line -> line.startsWith(text)));
    }

    /** Waits until so many lines of its output begin with a text. */
    BusbarProcess untilItSaysOften(String text, int times) throws IOException, InterruptedException {
        return until("said " + times + " times '" + text + "'", out,
                said -> said.lines().filter(line -> line.startsWith(text)).count() >= times);
    }

    /** Waits until its output, from a place on, has a text anywhere: on a terminal lines are drawn, not written. */
    BusbarProcess untilItShows(String text, int from) throws IOException, InterruptedException {
        return until("shown '" + text + "'", out, _ -> shown().indexOf(text, from) >= 0);
    }

    /** Waits until a file in a folder that is there has a text. */
    BusbarProcess untilFileHas(Path file, String text) throws IOException, InterruptedException {
        return until("written '" + text + "'", file, content -> content.contains(text));
    }

    /** Returns what it has said so far, without what tells a terminal how to show it. */
    String shown() {
        return CONTROL.matcher(text(out)).replaceAll("");
    }

    /** Ends it at once, if it has not ended. */
    void destroy() {
        process.destroyForcibly();
    }

    /** Ends it at once, and waits until it is dead. */
    void kill() throws InterruptedException {
        destroy();
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("busbar was killed " + DEADLINE_SECONDS + " s ago and is still there");
        }
    }

    private BusbarProcess until(String what, Path file, Predicate<String> condition)
            throws IOException, InterruptedException {
        try (WatchService watch = file.getFileSystem().newWatchService()) {
            file.getParent()
                    .register(watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
            while (!condition.test(Files.exists(file) ? text(file) : "")) {
                WatchKey key = watch.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    throw new AssertionError("busbar has not " + what + " but:\n" + text(out) + text(err));
                }
                key.pollEvents(); // those that stay make the key come back at once
                key.reset();
            }
        }
        return this;
    }

    /** Types lines over and over, until it has said something. */
    BusbarProcess untilSaid(Pattern pattern, String lines) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        for (int round = 0; !pattern.matcher(said()).find(); round++) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("busbar has not said " + pattern + " but:\n" + text(out) + text(err));
            }
            type(lines + "echo round " + round + " ends\n").untilItSays("round " + round + " ends");
        }
        return this;
    }

    /** Returns what it has said so far. */
    String said() {
        return text(out);
    }

    /** Ends the input, and waits for the end. */
    Result end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        return result();
    }

    /** Asks the process to end, as init does, and waits for the end. */
    Result terminate() throws IOException, InterruptedException {
        process.destroy();
        return result();
    }

    /** Waits for the end. */
    Result result() throws IOException, InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("busbar has not ended within " + DEADLINE_SECONDS + " s. It said:\n" + text(out)
                    + text(err));
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
