package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The NVMe commands as a user types them, on the emulated SSDs. */
class NvmeCommandsIT {

    @TempDir
    Path folder;

    private String home;

    @BeforeEach
    void nameHome() {
        home = folder.resolve("home").toString();
    }

    private BusbarProcess.Result batch(String lines) throws IOException, InterruptedException {
        return BusbarProcess.run(
                folder, "pci:await e000:01:00.0 bound 30\n" + lines, "--home", home, "batch", "-");
    }

    @Test
    void perfMeasuresAndVerifies() throws Exception {
        var result = batch("""
                nvme:perf e000:01:00.0/n1 --time 500ms --threads 2 --depth 8
                nvme:perf e000:01:00.0/n1 --rw=randrw --verify --write --total 16M --wait interrupts
                nvme:perf e000:01:00.0/n1 --rw=write --bs 64k --verify --write --total 64M
                nvme:perf e000:01:00.0/n1 --rw=read --bs 128k --verify --wait poll --total 64M --json
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("e000:01:00.0/n1  randread, 4 KiB per request, depth 8, 2 threads, adaptive")
                .contains("latency of reads", "errors    none", "131,072 blocks checked, 0 wrong")
                .contains("\"done\": 512", "\"good\": 131072");
    }

    @Test
    void perfWritesOnlyWhenToldTo() throws Exception {
        var result = batch("nvme:perf e000:01:00.0/n1 --rw=randwrite --time 1s\n");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("randwrite overwrites data on e000:01:00.0/n1 (64 MiB", "Add --write");
    }

    @Test
    void L8_perfOnACardThatIsPulledSaysSo() throws Exception {
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");
        busbar.type("""
                pci:await e000:01:00.0 bound 30
                nvme:perf e000:01:00.0/n1 --depth 32 --time 60s &
                """).untilItSays("e000:01:00.0/n1  randread");

        busbar.type("rack:fault 1 stuck\nrack:pull 1\n").untilItSays("errors    ");
        var result = busbar.end();

        assertThat(result.status()).isZero();
        assertThat(result.out()).contains(", ended early").containsPattern("errors    \\d+ GONE");
    }
}
