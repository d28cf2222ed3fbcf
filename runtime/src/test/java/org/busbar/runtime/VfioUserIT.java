package org.busbar.runtime;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Busbars on one machine: one serves cards of its rack, the other drives them, and sees the first die. */
class VfioUserIT {

    /** How often the server is killed and started again; a hundred with {@code -Dbusbar.vfiouser.rounds=100}. */
    private static final int ROUNDS = Integer.getInteger("busbar.vfiouser.rounds", 10);

    /** By hand on a quiet machine 100; a busy one promises nothing. */
    private static final Duration WITHIN = Duration.ofMillis(Long.getLong("busbar.vfiouser.withinMillis", 60_000));

    /** After this many rounds all classes are loaded. */
    private static final int WARM = 2;

    private static final Pattern COUNTS =
            Pattern.compile(
                    "requests  ([\\d,]+) begun, ([\\d,]+) ended, ([\\d,]+) of them well\\R(?:.*\\R){1,4}?errors    (none|[\\d,]+(?= GONE))");

    @TempDir
    Path folder;

    private final List<BusbarProcess> processes = new ArrayList<>();
    private Path endpoints;

    @BeforeEach
    void configure() throws IOException {
        endpoints = Files.createDirectory(folder.resolve("endpoints"));
        Path conf = Files.createDirectories(folder.resolve("client/conf"));
        Files.writeString(conf.resolve("org.busbar.pci.vfiouser.cfg"), "directories = " + endpoints + "\n");
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(BusbarProcess::destroy);
    }

    private BusbarProcess start(String... arguments) throws IOException {
        BusbarProcess started = BusbarProcess.start(folder, arguments);
        processes.add(started);
        return started;
    }

    /** Starts a Busbar that serves an SSD, and a NIC. */
    private BusbarProcess server() throws IOException, InterruptedException {
        return start("--home", folder.resolve("server").toString(), "batch", "-")
                .type("rack:serve 1 " + endpoints + "/ssd\nrack:serve 3 " + endpoints + "/nic\n")
                .untilItSays("slot 3: served at " + endpoints + "/nic/cntrl");
    }

    private BusbarProcess client() throws IOException {
        return start("--home", folder.resolve("client").toString(), "--no-emulator", "batch", "-");
    }

    @Test
    void oneServesWhatTheOtherDrives() throws Exception {
        BusbarProcess server = server();
        var result = client().type("""
                pci:await f000:01:00.0 bound 60
                pci:await f000:02:00.0 bound 60
                pci:list
                nvme:perf f000:02:00.0/n1 --rw=write --bs 64k --verify --write --total 16M
                nvme:perf f000:02:00.0/n1 --rw=read --bs 4k --verify --depth 32 --total 16M
                nvme:perf f000:02:00.0/n1 --rw=randread --depth 1 --wait interrupts --total 1M
                """).end();

        assertThat(result.err()).doesNotContain("standard input, line");
        assertThat(result.status()).isZero();
        assertThat(result.out())
                .contains("f000:01:00.0", "8086:10d3", "1b36:0010")
                .contains("32,768 blocks checked, 0 wrong", "errors    none");
        var served = server.type("rack:list\nrack:unserve 1\npci:await e000:01:00.0 bound 60\n").end();
        assertThat(served.status()).isZero();
        assertThat(served.out())
                .contains("served at " + endpoints + "/ssd/cntrl", "slot 1: served no more",
                        "e000:01:00.0 is bound")
                .doesNotContain("outside of what drivers have mapped");
    }

    @Test
    void framesOfAServedNicArriveInTheRackThatItIsServedFrom() throws Exception {
        BusbarProcess server = server()
                .type("pci:await e000:04:00.0 bound 60\nnic:sink e000:04:00.0 -c 20 -t 100s -b\n")
                .untilItSays("job 1");
        var sent = client().type("""
                pci:await f000:01:00.0 bound 60
                nic:generate f000:01:00.0 --to ff:ff:ff:ff:ff:ff -c 20 -r 100 -s 60,512,1514
                """).end();
        var received = server.type("nic:await 1\n").end();

        assertThat(sent.err()).doesNotContain("standard input, line");
        assertThat(sent.status()).isZero();
        assertThat(received.status()).isZero();
        assertThat(received.out()).contains("received     : 20 frames", "lost         : 0", "damaged      : 0");
    }

    @Test
    void L8_aServerThatIsKilledAndStartedAgainIsRemovalAndInsertion() throws Exception {
        BusbarProcess server = server();
        BusbarProcess client = client();
        Footprint before = null;
        List<Long> killed = new ArrayList<>();
        List<Long> dead = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            both(client, "bound").type("echo round " + round + " bound\n").untilItSays("round " + round + " bound");
            client.type("nvme:perf f000:02:00.0/n1 --depth 32 --time 100s &\n")
                    .untilItSaysOften("f000:02:00.0/n1  randread", round);
            long atKill = System.nanoTime();
            server.kill();
            long atDeath = System.nanoTime();
            client.untilItSaysOften("errors    ", round);
            killed.add(System.nanoTime() - atKill);
            dead.add(System.nanoTime() - atDeath);
            both(client, "gone").type("echo round " + round + " gone\n").untilItSays("round " + round + " gone");
            if (round == WARM) {
                before = client.footprint();
            }
            server = server();
        }
        client.type("""
                pci:await f000:02:00.0 bound 60
                nvme:perf f000:02:00.0/n1 --rw=write --bs 64k --verify --write --total 1M
                echo verified
                """).untilItSays("verified");
        server.kill();
        both(client, "gone").type("echo all gone\n").untilItSays("all gone");

        Footprint after = client.footprint();
        System.out.printf(
                "%d rounds: requests in flight have ended, and the report is read, %s ms after the kill, %s ms after"
                        + " the death (median, most)%nfirst %s%nlast  %s%n",
                ROUNDS, medianAndMost(killed), medianAndMost(dead),
                before, after);
        after.requireNoMoreThan(requireNonNull(before));
        assertThat(dead).as("nanoseconds from the death to the report").allMatch(nanos -> nanos < WITHIN.toNanos());
        var result = client.end();
        assertThat(result.status()).isZero();
        assertThat(result.out()).contains(", ended early", "errors    none");
        // Each of them ended once: as many as were begun, either well or because the device was gone.
        List<MatchResult> counts = COUNTS.matcher(result.out()).results().toList();
        assertThat(counts).hasSize(ROUNDS).allSatisfy(count -> {
            long begun = number(count.group(1));
            assertThat(number(count.group(2))).isEqualTo(begun);
            assertThat(number(count.group(3)) + number(count.group(4))).isEqualTo(begun);
        });
        assertThat(counts).anySatisfy(count -> assertThat(number(count.group(4))).isPositive());
    }

    private static String medianAndMost(List<Long> nanos) {
        List<Long> millis = nanos.stream().map(TimeUnit.NANOSECONDS::toMillis).sorted().toList();
        return millis.get(millis.size() / 2) + ", " + millis.getLast();
    }

    private static long number(String text) {
        return text.equals("none") ? 0 : Long.parseLong(text.replace(",", ""));
    }

    private static BusbarProcess both(BusbarProcess client, String state) throws IOException {
        return client.type("pci:await f000:01:00.0 %1$s 60\npci:await f000:02:00.0 %1$s 60\n".formatted(state));
    }
}
