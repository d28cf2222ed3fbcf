package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tour checks itself; here it is checked that it is taken to its end, how long that takes, and what the README shows. */
class DemoIT {

    /** At rest it takes about 10 s; this is for machines that have other things to do. */
    private static final Duration LONGEST = Duration.ofSeconds(100);
    private static final Pattern STEP = Pattern.compile("\\s*[0-9.]+ s  ([0-9]+\\. .*)");
    private static final Pattern CHECK = Pattern.compile("\\s*(ok .*)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    @TempDir
    Path folder;

    @Test
    void everyStepPasses() throws Exception {
        long began = System.nanoTime();
        var result = BusbarProcess.run(folder, "", "demo");
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertThat(result.out()).contains("11 steps,", "all passed.").doesNotContain("FAILED");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(took).as("the tour's time, with start and end").isLessThan(LONGEST);
        String readme = Files.readString(Path.of("../README.md"));
        assertThat(story(readme)).as("steps and checks in the README").isNotEmpty().isEqualTo(story(result.out()));
    }

    /** The headlines and checks of a transcript; numbers may differ. */
    private static List<String> story(String transcript) {
        return transcript.lines()
                .flatMap(line -> Stream.of(STEP, CHECK).map(pattern -> pattern.matcher(line)))
                .filter(Matcher::matches)
                .map(matcher -> NUMBER.matcher(matcher.group(1)).replaceAll("N").strip())
                .toList();
    }
}
