package org.busbar.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The network commands as a user types them, on the emulated NICs, which a switch joins. */
class NicCommandsIT {

    @TempDir
    Path folder;

    private String home;

    @BeforeEach
    void nameHome() {
        home = folder.resolve("home").toString();
    }

    private BusbarProcess.Result batch(String lines) throws IOException, InterruptedException {
        return BusbarProcess.run(folder, """
                pci:await e000:03:00.0 bound 30
                pci:await e000:04:00.0 bound 30
                """ + lines.replace("FOLDER", folder.toString()), "--home", home, "batch", "-");
    }

    @Test
    void portsAreListedAndShown() throws Exception {
        var result = batch("""
                nic:list
                nic:show e000:03:00.0
                nic:show -j e000:04:00.0
                nic:stats -x e000:03:00.0
                nic:stats -j -n 2 -i 10ms e000:03:00.0
                nic:set e000:03:00.0
                nic:jobs
                nic:jobs -j
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("e000:03:00.0", "1000 Mb/s full duplex", "driver", "\"port\": \"e000:04:00.0\"")
                .contains("received frames", "\"perSecond\":", "flow-control", "no jobs");
    }

    @Test
    void whatIsWrongIsSaid() throws Exception {
        List<List<String>> wrong = List.of(
                List.of("nic:show nothing", "there is no network port 'nothing'; nic:list shows the 2 that there are"),
                List.of("nic:set e000:03:00.0 speed=10",
                        "there is nothing called 'speed' to set; there are promiscuous"),
                List.of("nic:set e000:03:00.0 promiscuous=maybe", "; nothing was changed"),
                List.of("nic:generate e000:03:00.0", "to whom? --to MAC, or --to PORT"),
                List.of("nic:replay e000:03:00.0 none.pcap", "there is no file"),
                List.of("nic:echo e000:03:00.0 elsewhere", "'elsewhere' is no address to answer for"),
                List.of("nic:tap e000:03:00.0 'no name'", "is no name of an interface"),
                List.of("nic:stop 7", "there is no job 7"));
        String lines = String.join("\n", wrong.stream().map(List::getFirst).toList());

        // Over a pipe, where it goes on after a failure.
        var result = BusbarProcess.run(folder, """
                pci:await e000:03:00.0 bound 30
                pci:await e000:04:00.0 bound 30
                """ + lines + "\n", "--home", home);

        assertThat(result.err()).contains(wrong.stream().map(List::getLast).toList());
    }

    @Test
    void generatedFramesArriveWhole() throws Exception {
        var result = batch("""
                nic:sink e000:04:00.0 -c 200 -t 60s -b
                nic:generate e000:03:00.0 --to e000:04:00.0 -c 200 -r 2000 -s 60,512,1514
                nic:jobs
                nic:await 1
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("received     : 200 frames", "lost         : 0", "damaged      : 0");
    }

    @Test
    void tsharkReadsWhatWasCapturedAndReplayed() throws Exception {
        Tool.require("tshark", "capinfos");
        var result = batch("""
                nic:capture e000:04:00.0 FOLDER/a.pcapng -c 100 -t 60s -b
                nic:generate e000:03:00.0 --to e000:04:00.0 -c 100 -r 3000 -s 60,1514
                nic:await 1
                nic:capture e000:04:00.0 FOLDER/b.pcapng -c 200 -t 60s -b
                nic:replay e000:03:00.0 FOLDER/a.pcapng -r 6000 -l 2
                nic:await 2
                """);
        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();

        assertThat(Tool.run(folder, "capinfos", "-t", "-E", "-c", "-M", "a.pcapng").output())
                .contains("pcapng", "ether", "100");
        assertThat(Tool.run(folder, "capinfos", "-c", "b.pcapng").output()).contains("200");
        Tool.Result frames = Tool.run(
                folder, "tshark", "-n", "-r", "b.pcapng", "-o", "ip.check_checksum:TRUE", "-Y",
                "udp.dstport == 9 && ip.checksum.status == 1 && frame.interface_name == \"e000:04:00.0\"", "-T",
                "fields",
                "-e", "frame.len");
        assertThat(frames.output().lines().filter(line -> line.equals("60"))).hasSize(100);
        assertThat(frames.output().lines().filter(line -> line.equals("1514"))).hasSize(100);
    }

    /** To everybody: the cards of the second run have other addresses. */
    @Test
    void framesOfOtherProgramsAreReplayed() throws Exception {
        Tool.require("tshark", "editcap");
        var first = batch("""
                nic:capture e000:04:00.0 FOLDER/a.pcapng -c 100 -t 60s -b
                nic:generate e000:03:00.0 --to ff:ff:ff:ff:ff:ff -c 100 -r 1000
                nic:await 1
                """);
        assertThat(first.status()).as(first.err()).isZero();
        assertThat(Tool.run(folder, "editcap", "-F", "pcap", "a.pcapng", "a.pcap").status()).isZero();

        var result = batch("""
                nic:sink e000:04:00.0 -c 100 -t 60s -b
                nic:replay e000:03:00.0 FOLDER/a.pcap
                nic:await 1
                """);

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains("lost         : 0");
    }

    @Test
    void L8_aCardThatIsPulledEndsTheJobWithAReason() throws Exception {
        BusbarProcess busbar = BusbarProcess.start(folder, "--home", home, "batch", "-");
        busbar.type("""
                pci:await e000:03:00.0 bound 30
                nic:echo e000:03:00.0 10.7.0.1 -b
                rack:pull 3
                pci:await e000:03:00.0 gone 30
                nic:jobs
                """).untilItSays("job 1: nic:echo e000:03:00.0 10.7.0.1");
        busbar.untilSaid(Pattern.compile("ended: the device is gone"), "nic:jobs\n");
        busbar.type("nic:stop 1\n");
        var result = busbar.end();

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err()).contains("nic:echo e000:03:00.0 10.7.0.1: the device is gone");
        assertThat(Files.exists(folder.resolve("home"))).isTrue();
    }

    @Test
    void helpIsThere() throws Exception {
        var result = batch("""
                nic:stats --help
                nic:capture --help
                nic:replay --help
                nic:forward --help
                nic:generate --help
                nic:sink --help
                nic:echo --help
                nic:tap --help
                """);

        assertThat(result.status()).as(result.err()).isZero();
        assertThat(result.out()).contains("nic:stats PORT", "nic:capture PORT FILE", "--background", "ip tuntap add");
    }
}
