package org.busbar.bench.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code benchmarks/nic}: what it makes of results. To measure, it needs the VM lab and DPDK. */
@Timeout(120)
final class NicScriptTest {

    private static final String RESULTS = """
            # load average of the host before: 0.10 0.20 0.30
            # kernel 6.1.0, dpdk-dev 22.11, OpenJDK 25, 2 processors
            result round=1 card=e1000e peer=pmd work=receive size=64 batch=1 pps=100000 sourced=100000 odd=0
            result round=1 card=e1000e peer=busbar work=receive size=64 batch=1 pps=90000 sourced=90000 odd=0
            result round=2 card=e1000e peer=busbar work=receive size=64 batch=1 pps=80000 sourced=80000 odd=0
            result round=2 card=e1000e peer=pmd work=receive size=64 batch=1 pps=120000 sourced=120000 odd=0
            result round=1 card=e1000e peer=pmd work=send size=1500 batch=256 pps=50000 sourced=0 odd=0
            result round=1 card=e1000e peer=busbar work=send size=1500 batch=256 pps=51000 sourced=0 odd=0
            """;

    @TempDir
    private Path directory;

    @Test
    void resultsBecomeTablesBelowWhatThePageHas() throws Exception {
        Path page = Files.writeString(directory.resolve("page.md"),
                "# Kept\n\n<!-- from here on: benchmarks/nic -->\nof last year\n");
        Path results = Files.writeString(directory.resolve("results.txt"), RESULTS);

        assertThat(run("--results", results.toString(), "--page", page.toString())).isZero();

        assertThat(page)
                .content()
                .startsWith("# Kept\n\n<!-- from here on: benchmarks/nic -->\n")
                .doesNotContain("last year")
                .doesNotContain("### virtio")
                .doesNotContain("e1000e, forward")
                .contains("- Guest: Linux 6.1.0, dpdk-dev 22.11, OpenJDK 25, 2 processors\n")
                .contains("### e1000e, receive\n")
                .contains("| 64 | 1 | 110.0 (100.0 to 120.0) | 85.0 (80.0 to 90.0) | **0.78 (0.67 to 0.90)** |\n")
                .contains("| 1500 | 256 | 50.0 (50.0 to 50.0) | 51.0 (51.0 to 51.0) | 1.02 (1.02 to 1.02) |\n");
    }

    @Test
    void whatItDoesNotKnowItRefusesAndLeavesThePage() throws Exception {
        Path page = Files.writeString(directory.resolve("page.md"), "# Kept\n");

        assertThat(run("--frames", "64", "--page", page.toString())).isEqualTo(2);

        assertThat(page).content().isEqualTo("# Kept\n");
    }

    /** Tests run in the module's directory. */
    private int run(String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("bash", "nic");
        builder.command().addAll(List.of(arguments));
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
