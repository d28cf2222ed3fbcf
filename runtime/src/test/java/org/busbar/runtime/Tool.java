package org.busbar.runtime;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the distribution. Where it is not installed a test is skipped, unless it is required: then it fails. */
final class Tool {

    private static final long DEADLINE_SECONDS = 120;

    /** What came of it. */
    record Result(int status, String output) {}

    private final String name;
    private final Process process;
    private final Path output;

    private Tool(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /** Looks for programs. */
    static void require(String... names) {
        List<String> missing = Arrays.stream(names).filter(name -> !isInstalled(name)).toList();
        if (missing.isEmpty()) {
            return;
        }
        String reason = "not installed: " + String.join(", ", missing) + "; .ci/packages says what brings them";
        if ("required".equals(System.getenv("BUSBAR_LAB"))) {
            fail(reason);
        }
        abort(reason);
    }

    private static boolean isInstalled(String name) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
    }

    static Tool start(Path folder, String... command) throws IOException {
        Path output = Files.createTempFile(folder, command[0], ".txt");
        Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().close();
        return new Tool(command[0], process, output);
    }

    /** Runs a program to its end. */
    static Result run(Path folder, String... command) throws IOException, InterruptedException {
        return start(folder, command).result();
    }

    Result result() throws IOException, InterruptedException {
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(name + " has not ended within " + DEADLINE_SECONDS + " s. It said:\n"
                    + Files.readString(output));
        }
        return new Result(process.exitValue(), Files.readString(output));
    }
}
