package org.busbar.itest.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One boot of the lab: which scenarios it should report, and what it reported.
 *
 * @param name name of the script in {@code lab/scenarios}
 * @param kernelArguments more arguments for the guest's kernel
 */
record LabRun(String name, String kernelArguments) {

    private static final Path LAB = Path.of("lab").toAbsolutePath();
    private static final Path TOOL = LAB.resolve("lab");
    private static final Path RUNS = Path.of("target", "lab").toAbsolutePath();
    private static final long SECONDS = 1_500;
    private static final Pattern PART = Pattern.compile("^\\. \"\\$scenarios/([\\w-]+\\.sh)\"");
    private static final Pattern SCENARIO = Pattern.compile("^scenario \"([^\"]+)\" \\w.*$");
    private static final Pattern RESULT = Pattern.compile("^(ok|not ok|skipped) - (.*)$");
    private static final String DIAGNOSIS = "# | ";

    /** Returns why the lab cannot run here, or nothing if it can. */
    static Optional<String> obstacle() throws IOException, InterruptedException {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return Optional.of("the lab needs Linux");
        }
        Process check = new ProcessBuilder(TOOL.toString(), "check").redirectErrorStream(true).start();
        String said = new String(check.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        return check.waitFor() == 0 ? Optional.empty() : Optional.of(said.strip());
    }

    /** Returns the titles of the scenarios that its script runs, in order. */
    List<String> titles() throws IOException {
        Path scenarios = LAB.resolve("scenarios");
        List<Path> parts = lines(scenarios.resolve(name + ".sh"), PART)
                .map(part -> scenarios.resolve("busbar").resolve(part))
                .toList();
        List<String> titles = new java.util.ArrayList<>();
        for (Path part : parts) {
            lines(part, SCENARIO).forEach(titles::add);
        }
        return titles;
    }

    private static Stream<String> lines(Path file, Pattern pattern) throws IOException {
        return Files.readAllLines(file)
                .stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .map(matcher -> matcher.group(1));
    }

    private Path directory() {
        return RUNS.resolve(name);
    }

    /** How long cards shall fail and be pulled, 0 for as long as the scenarios say. */
    private static long faultSeconds() {
        return Long.parseLong(Optional.ofNullable(System.getenv("BUSBAR_LAB_FAULT_SECONDS")).orElse("0"));
    }

    /** Boots, and returns what each scenario reported: nothing if it went well, or why it did not. */
    Results run() throws IOException, InterruptedException {
        Files.createDirectories(directory());
        Files.copy(
                LAB.resolve("scenarios").resolve(name + ".sh"),
                directory().resolve("once.sh"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        long faultSeconds = faultSeconds();
        Files.writeString(directory().resolve("settings"), faultSeconds > 0 ? "fault_seconds=" + faultSeconds : "");
        long seconds = SECONDS + 2 * faultSeconds;
        ProcessBuilder boot = new ProcessBuilder(
                TOOL.toString(), "run", directory().toString(), Long.toString(seconds))
                .redirectErrorStream(true)
                .redirectOutput(directory().resolve("lab.log").toFile());
        boot.environment().put("LAB_KERNEL_ARGS", kernelArguments);
        Process lab = boot.start();
        if (!lab.waitFor(seconds + 60, TimeUnit.SECONDS)) {
            lab.destroy();
            throw new IOException("the lab is still running after " + seconds + " s; see " + directory());
        }
        return Results.of(
                Files.readAllLines(directory().resolve("once.log")),
                "the lab ended with status " + lab.exitValue() + "; see " + directory());
    }

    /**
     * What a boot reported.
     *
     * @param good titles of the scenarios that went well
     * @param skipped what stands behind "skipped - "
     * @param bad what stands behind "not ok - ", with the lines of diagnosis below it
     * @param end how the boot ended
     */
    record Results(Set<String> good, Set<String> skipped, Map<String, String> bad, String end) {

        static Results of(List<String> log, String end) {
            Set<String> good = new HashSet<>();
            Set<String> skipped = new HashSet<>();
            Map<String, String> bad = new LinkedHashMap<>();
            String last = "";
            for (String line : log) {
                Matcher result = RESULT.matcher(line);
                if (!result.matches()) {
                    String diagnosis = line.startsWith(DIAGNOSIS) ? System.lineSeparator() + line : "";
                    bad.computeIfPresent(last, (title, text) -> text + diagnosis);
                } else if (result.group(1).equals("ok")) {
                    last = "";
                    good.add(result.group(2));
                } else if (result.group(1).equals("skipped")) {
                    last = "";
                    skipped.add(result.group(2));
                } else {
                    last = result.group(2);
                    bad.put(last, "");
                }
            }
            return new Results(good, skipped, bad, end);
        }

        /** Returns why a scenario could not be on this machine. */
        Optional<String> reasonToSkip(String title) {
            return skipped.stream()
                    .filter(entry -> entry.startsWith(title + ": "))
                    .findFirst()
                    .map(entry -> entry.substring(title.length() + 2));
        }

        /** Returns nothing if a scenario went well, or why it did not; having said nothing is a failure. */
        Optional<String> failure(String title) {
            if (good.contains(title)) {
                return Optional.empty();
            }
            return Optional.of(bad.entrySet()
                    .stream()
                    .filter(entry -> entry.getKey().startsWith(title + ": "))
                    .findFirst()
                    .map(entry -> entry.getKey().substring(title.length() + 2) + " (" + end + ")" + entry.getValue())
                    .orElse("it did not report; " + end));
        }
    }
}
