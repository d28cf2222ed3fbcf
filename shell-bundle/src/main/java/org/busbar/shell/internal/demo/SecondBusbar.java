package org.busbar.shell.internal.demo;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A Busbar in a process of its own, which serves cards of its rack to others and has no drivers. */
final class SecondBusbar implements AutoCloseable {

    private static final String SETTINGS = "org.busbar.pci.vfiouser.cfg";

    private final Path endpoints;
    private final Path said;
    private final Process process;

    private SecondBusbar(Path endpoints, Path said, Process process) {
        this.endpoints = endpoints;
        this.said = said;
        this.process = process;
    }

    /** Has this Busbar drive what others serve in a directory, which is made: by a file in {@code conf/}, as a user would. */
    static Path endpoints(Stage stage) throws IOException {
        Path home = stage.home();
        Path endpoints = Files.createDirectories(home.resolve("endpoints"));
        Path part = Files.writeString(home.resolve(SETTINGS + ".part"), "directories = " + endpoints + "\n");
        Files.move(part, home.resolve("conf").resolve(SETTINGS), StandardCopyOption.REPLACE_EXISTING);
        return endpoints;
    }

    /** Starts one, which serves an SSD and two NICs. */
    static SecondBusbar start(Stage stage, Path endpoints) throws IOException {
        Path home = stage.home().resolve("second");
        Files.createDirectories(home.resolve("drivers"));
        Path said = stage.home().resolve("second.txt");
        ProcessBuilder builder = new ProcessBuilder(
                stage.assembly().resolve("bin/busbar").toString(), "--home", home.toString(), "batch", "-")
                .redirectErrorStream(true)
                .redirectOutput(said.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // What a user has set for this process, a debugger's port for example, can often not be had twice.
        builder.environment().keySet().removeAll(List.of("BUSBAR_JAVA_OPTS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
        SecondBusbar started = new SecondBusbar(endpoints, said, builder.start());
        started.serve(1, "ssd");
        started.serve(3, "left");
        started.serve(4, "right");
        return started;
    }

    private void serve(int slot, String name) throws IOException {
        BufferedWriter commands = process.outputWriter();
        commands.write("rack:serve " + slot + ' ' + endpoints.resolve(name) + '\n');
        commands.flush();
    }

    long pid() {
        return process.pid();
    }

    /** Kills it, and waits until it is dead. */
    void kill() throws InterruptedException, CheckFailedException {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Ends it in order, and returns its exit status. */
    int end() throws InterruptedException, IOException, CheckFailedException {
        process.outputWriter().close();
        awaitEnd();
        return process.exitValue();
    }

    private void awaitEnd() throws InterruptedException, CheckFailedException {
        if (!process.waitFor(Stage.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new CheckFailedException("the second Busbar does not end");
        }
    }

    /** Returns what it has said, for whoever wants to know why it does not do what it should. */
    String said() throws IOException {
        return Files.readString(said);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
