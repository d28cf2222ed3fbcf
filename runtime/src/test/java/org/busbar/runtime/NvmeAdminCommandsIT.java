package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about controllers as a user types them, on emulated SSDs. */
class NvmeAdminCommandsIT {

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
    void controllersAndNamespacesAreDescribed() throws Exception {
        var result = batch("""
                nvme:identify e000:01:00.0
                nvme:identify e000:01:00.0/n1
                nvme:identify -r e000:01:00.0
                nvme:identify -r e000:01:00.0/n1
                nvme:identify --json e000:01:00.0
                nvme:identify --json e000:01:00.0/n1
                nvme:smart e000:01:00.0
                nvme:smart --json e000:01:00.0
                nvme:log e000:01:00.0 error
                nvme:log e000:01:00.0 error --json
                nvme:log e000:01:00.0 firmware
                nvme:log e000:01:00.0 smart --raw
                nvme:log e000:01:00.0 0x02 --bytes 512
                nvme:status e000:01:00.0
                nvme:status --json e000:01:00.0
                nvme:controllers
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .containsPattern("mn +: Busbar Emulated NVMe")
                .containsPattern("nsze +: 131072 \\(64 MiB\\)")
                .containsPattern("lbaf +0 : ms:0 +lbads:9 +rp:\\d \\(512 B\\) \\(in use\\)")
                .containsPattern("critical_warning +: none")
                .containsPattern("temperature +: \\d+ °C \\(\\d+ K\\)")
                .containsPattern("state +: ready")
                .contains("\"mn\": \"Busbar Emulated NVMe\"", "\"nsze\": 131072", "\"host_read_commands\": ")
                .contains("0000001000\n"); // the end of a dump of 4,096 bytes
    }

    @Test
    void aNamespaceIsFormattedDetachedAndAttached() throws Exception {
        var result = batch("""
                rack:insert 5 nvme:namespaces=2,size=8M
                pci:await e000:05:00.0 bound 30
                nvme:perf e000:05:00.0/n1 --rw=write --verify --write --total 8M
                nvme:format e000:05:00.0/n1 --block-size 4096 --yes
                nvme:identify e000:05:00.0/n1
                nvme:perf e000:05:00.0/n1 --rw=write --verify --write --total 4M
                nvme:detach-ns e000:05:00.0 2
                nvme:status e000:05:00.0
                nvme:attach-ns e000:05:00.0 2
                nvme:reset e000:05:00.0
                nvme:perf e000:05:00.0/n2 --total 4M
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("e000:05:00.0/n1 is formatted with blocks of 4 KiB")
                .containsPattern("nsze +: 2048 \\(8 MiB\\)")
                .contains("e000:05:00.0/n2 is detached", "2  not attached", "e000:05:00.0/n2 is attached")
                .contains("e000:05:00.0 was reset, and is ready");
    }

    @Test
    void formatAsksFirst() throws Exception {
        var result = batch("nvme:format e000:01:00.0/n1\n");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("This erases all data on e000:01:00.0/n1 (64 MiB, Busbar Emulated NVMe",
                "Add --yes");
    }

    @Test
    void rawCommandsHaveToBeOpened() throws Exception {
        var closed = batch("nvme:passthru e000:01:00.0 --opcode 6 --cdw10 1 --data-len 4096\n");

        assertThat(closed.status()).isEqualTo(1);
        assertThat(closed.err()).contains("passthrough");

        Path conf = Path.of(home, "conf");
        Files.writeString(conf.resolve("org.busbar.driver.nvme.cfg"), "passthrough = true\n");
        var open = batch("""
                nvme:passthru e000:01:00.0 --opcode 0x06 --cdw10 1 --data-len 4k
                nvme:passthru e000:01:00.0/n1 --io --opcode 0
                nvme:passthru e000:01:00.0 --opcode 0x06 --cdw10 0x7f --data-len 4k
                """);

        assertThat(open.out()).contains("result 0x0\n0000000000  36 1b").endsWith("\n0000001000\nresult 0x0\n");
        assertThat(open.status()).isEqualTo(1);
        assertThat(open.err()).contains("line 4: the controller refused: a field of the command is invalid");
    }
}
