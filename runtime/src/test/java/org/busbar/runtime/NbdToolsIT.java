package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Emulated SSDs, exported by the assembly, in the hands of Debian's NBD programs. */
class NbdToolsIT {

    private static final int BYTES = 64 << 20;
    private static final String URI = "nbd+unix:///?socket=";

    @TempDir
    Path folder;

    private BusbarProcess busbar;
    private String uri;

    @BeforeEach
    void export() throws Exception {
        busbar = BusbarProcess.start(folder, "--home", folder.resolve("home").toString(), "batch", "-");
        busbar.type("""
                pci:await e000:01:00.0 bound 30
                pci:await e000:02:00.0 bound 30
                nvme:export e000:01:00.0/n1 --write
                nvme:export e000:02:00.0/n1 --port 0
                """).untilItSays("e000:02:00.0/n1 can be read (not written: no --write) at nbd://127.0.0.1:");
        uri = URI + folder.resolve("home/run/nbd/e000-01-00.0-n1.sock");
    }

    @AfterEach
    void end() throws Exception {
        var result = busbar.end();
        assertThat(result.status()).as(result.err()).isZero();
        assertThat(Files.list(folder.resolve("home/run/nbd"))).as("sockets that were left behind").isEmpty();
    }

    private Tool.Result run(String... command) throws Exception {
        Tool.Result result = Tool.run(folder, command);
        assertThat(result.status()).as(String.join(" ", command) + ":\n" + result.output()).isZero();
        return result;
    }

    private static String checksum(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    @Test
    void nbdinfoSeesWhatIsExported() throws Exception {
        Tool.require("nbdinfo");

        assertThat(run("nbdinfo", uri).output())
                .contains("protocol: newstyle-fixed without TLS, using structured packets")
                .contains("export=\"e000:01:00.0/n1\"", "Busbar Emulated NVMe", "export-size: " + BYTES)
                .contains("is_read_only: false", "can_flush: true", "can_fua: true", "can_multi_conn: true")
                .contains("block_size_minimum: 512", "block_size_maximum: 1048576");
        assertThat(run("nbdinfo", "--list", uri).output()).contains("export=\"e000:01:00.0/n1\"");
        assertThat(run("nbdinfo", "--size", uri).output()).isEqualTo(BYTES + "\n");
        assertThat(run("nbdinfo", "--is", "read-only", port()).status()).isZero();
        assertThat(Tool.run(folder, "nbdinfo", "nbd+unix:///nothing" + uri.substring(uri.indexOf('?'))).status())
                .isNotZero();
    }

    private String port() throws Exception {
        busbar.type("nvme:export --list\necho listed\n").untilItSays("listed");
        Matcher matcher = Pattern.compile("nbd://127.0.0.1:\\d+").matcher(busbar.said());
        assertThat(matcher.find()).isTrue();
        return matcher.group();
    }

    @Test
    void nbdcopyBringsBackWhatItTookThere() throws Exception {
        Tool.require("nbdcopy");
        byte[] data = new byte[BYTES];
        new Random(1).nextBytes(data);
        Arrays.fill(data, 1 << 20, 3 << 20, (byte) 0); // nbdcopy writes that as zeroes, or not at all
        Path source = Files.write(folder.resolve("source.img"), data);
        Path back = folder.resolve("back.img");

        run("nbdcopy", "--flush", source.toString(), uri);
        run("nbdcopy", uri, back.toString());

        assertThat(checksum(back)).isEqualTo(checksum(source));
        assertThat(Tool.run(folder, "nbdcopy", source.toString(), port()).status()).as("writing read-only").isNotZero();
    }

    @Test
    void qemuImgConvertsAndCompares() throws Exception {
        Tool.require("qemu-img");
        byte[] data = new byte[BYTES];
        new Random(2).nextBytes(data);
        Path source = Files.write(folder.resolve("source.img"), data);

        run("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source.toString(), uri);

        assertThat(run("qemu-img", "compare", "-f", "raw", "-F", "raw", source.toString(), uri).output())
                .contains("Images are identical.");
    }

    @Test
    void qemuIoWritesDiscardsAndReadsBack() throws Exception {
        Tool.require("qemu-io");

        String said = run(
                "qemu-io", "-f", "raw", "-c", "write -P 0xa5 1M 3M", "-c", "write -z 2M 64k", "-c", "discard 3M 64k",
                "-c", "flush", "-c", "read -P 0xa5 1M 1M", "-c", "read -P 0 2M 64k", "-c", "read -P 0xa5 2112k 64k",
                uri)
                .output();

        assertThat(said)
                .contains("wrote 3145728/3145728 bytes at offset 1048576", "read 65536/65536 bytes at offset 2097152")
                .doesNotContain("failed");
        assertThat(run("qemu-io", "-r", "-f", "raw", "-c", "read -P 0xa5 1M 4k", uri).output())
                .doesNotContain("failed");
        assertThat(Tool.run(folder, "qemu-io", "-f", "raw", "-c", "write 0 4k", port()).status())
                .as("writing read-only")
                .isNotZero();
    }

    /** What it can do without the kernel's module and root: see what there is. */
    @Test
    void qemuNbdListsWhatIsExported() throws Exception {
        Tool.require("qemu-nbd");

        assertThat(run("qemu-nbd", "--list", "-k", uri.substring(URI.length())).output())
                .contains("exports available: 1", "export: 'e000:01:00.0/n1'")
                .contains("size:  " + BYTES, "min block: 512")
                .contains("multi", "trim", "zeroes", "flush", "fua");
    }

    @Test
    void fioVerifiesWhatItWrites() throws Exception {
        Tool.require("fio");
        Tool.Result engines = run("fio", "--enghelp");
        assertThat(engines.output()).as("fio's engines").contains("nbd");

        Tool.Result result = run(
                "fio", "--name=verify", "--ioengine=nbd", "--uri=" + uri, "--rw=randrw", "--bs=4k", "--iodepth=32",
                "--size=32M", "--verify=crc32c", "--do_verify=1", "--fsync=64", "--output-format=terse");

        // Terse fields 6 and 47: KiB read and written; field 5: the error. Verification reads on top of the mix.
        String[] fields =
                result.output().lines().filter(line -> line.startsWith("3;")).findFirst().orElseThrow().split(";");
        assertThat(fields[4]).isEqualTo("0");
        assertThat(Long.parseLong(fields[5]) + Long.parseLong(fields[46])).isGreaterThanOrEqualTo(32 << 10);
    }

    @Test
    void L8_fioIsToldThatACardWasPulled() throws Exception {
        Tool.require("fio");
        Tool fio = Tool.start(
                folder, "fio", "--name=pulled", "--ioengine=nbd", "--uri=" + uri, "--rw=randread", "--bs=4k",
                "--iodepth=32", "--size=32M", "--time_based", "--runtime=100");
        busbar.untilSaid(Pattern.compile("1 client, [1-9]\\d{2,} requests"), "nvme:export --list\n");

        busbar.type("rack:pull 1\npci:await e000:01:00.0 gone 30\necho exports:\nnvme:export --list\necho pulled\n")
                .untilItSays("pulled");

        assertThat(fio.result().status()).isNotZero();
        assertThat(busbar.said().substring(busbar.said().lastIndexOf("exports:")))
                .doesNotContain("e000:01:00.0/n1");
    }

    @Test
    void unexportLeavesNothing() throws Exception {
        busbar.type(
                "nvme:unexport e000:01:00.0/n1\nnvme:export e000:01:00.0/n1\nnvme:unexport e000:01:00.0/n1\necho done\n")
                .untilItSays("done");

        assertThat(Files.exists(folder.resolve("home/run/nbd/e000-01-00.0-n1.sock"))).isFalse();
    }
}
