package org.busbar.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The files of {@code conf/} before anything reads them. What is malformed is said at once; and the core is told that there
 * is a policy to wait for, so that a file that cannot be read lets no device be bound that it denies.
 */
final class ConfFolder {

    private static final String POLICY = "org.busbar.core.cfg";

    private final Path folder;

    ConfFolder(Path folder) {
        this.folder = folder;
    }

    /** Returns until when nothing is to be bound, in words; nothing if there is no policy to wait for. */
    Optional<String> awaited() {
        Path policy = folder.resolve(POLICY);
        if (!Files.exists(policy)) {
            return Optional.empty();
        }
        return Optional.of(problem(policy).map(problem -> policy + " is corrected: " + problem)
                .orElse(policy + " has been read (if it cannot be, the log says why)"));
    }

    /** Returns which files cannot be read, why, and what comes of it. */
    List<String> problems() throws IOException {
        List<String> problems = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.cfg")) {
            for (Path file : files) {
                problem(file).ifPresent(problem -> problems.add(file + ", " + problem + ". Until it is corrected "
                        + (file.endsWith(POLICY) ? "nothing is bound" : "nothing of it is in force")));
            }
        }
        return problems;
    }

    /** Returns what is wrong with a file, and where. */
    private static Optional<String> problem(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                try {
                    new Properties().load(new StringReader(line));
                } catch (IllegalArgumentException e) {
                    return Optional
                            .of("line " + number + " is malformed: " + line.strip() + " (" + e.getMessage() + ")");
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("which cannot be read: " + e);
        }
    }
}
