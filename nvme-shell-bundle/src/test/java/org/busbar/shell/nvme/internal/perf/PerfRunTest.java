package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.block.BlockStatus;
import org.busbar.shell.nvme.internal.FakeDevice;
import org.busbar.shell.nvme.internal.FakeQueue.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PerfRunTest {

    private static final PerfRun.Progress NO_PROGRESS = (elapsed, requests, errors) -> {};

    private final FakeDevice device = new FakeDevice(4096, 512);

    private Plan plan(String words) {
        List<String> all = new ArrayList<>(List.of("fake/n1"));
        all.addAll(Arrays.asList(words.split(" ")));
        return Plan.of(PerfOptions.of(PerfOptions.arguments(all)), device);
    }

    private Outcome run(String words) {
        return new PerfRun(plan(words)).run(NO_PROGRESS);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--rw read", "--rw write", "--rw rw", "--rw randread", "--rw randwrite", "--rw randrw --mix 30",
        "--rw randrw --verify", "--rw write --verify --threads 2", "--rw randread --threads 3 --wait poll",
        "--rw randrw --verify --wait poll", "--rw randwrite --verify --wait interrupts"})
    void everythingAskedForIsDoneAndCounted(String pattern) {
        device.reverse();

        Outcome outcome = run(pattern + " --bs 1k --depth 8 --total 3M");

        assertThat(outcome.complaint()).isEmpty();
        assertThat(outcome.done()).isEqualTo(3072);
        assertThat(outcome.tally().acceptedCount()).isEqualTo(3072);
        assertThat(outcome.tally().reads().getTotalCount() + outcome.tally().writes().getTotalCount()).isEqualTo(3072);
        assertThat(outcome.elapsed()).isPositive();
        assertThat(device.openQueues()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--depth 8", "--depth 1", "--depth 4 --wait poll"})
    void whatTheDeviceDoesNotTakeYetIsOfferedAgain(String depth) {
        device.refuseEvery(3);

        Outcome outcome = run("--rw randrw --verify --bs 1k --total 1M " + depth);

        assertThat(outcome.complaint()).isEmpty();
        assertThat(outcome.done()).isEqualTo(1024);
        assertThat(outcome.tally().acceptedCount()).isEqualTo(1024);
    }

    @Test
    void aMixIsAsAskedFor() {
        Outcome outcome = run("--rw randrw --mix 80 --bs 512 --total 10M");

        assertThat((double) outcome.tally().reads().getTotalCount() / outcome.done()).isBetween(0.75, 0.85);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--threads 1", "--threads 3"})
    void everythingThatWasWrittenIsReadBack(String threads) {
        Outcome outcome = run("--rw write --verify --bs 4k --total 2M " + threads);

        assertThat(outcome.complaint()).isEmpty();
        assertThat(outcome.judged()).isEqualTo(4096);
    }

    @Test
    void whatOneRunWroteAnotherCanCheck() {
        assertThat(run("--rw write --verify --bs 4k --total 2M").complaint()).isEmpty();

        Outcome check = run("--rw read --verify --bs 4k --total 2M");

        assertThat(check.complaint()).isEmpty();
        assertThat(check.judged()).isEqualTo(4096);
    }

    @Test
    void blocksWithoutMarkAreNoErrorButMustNotBeAll() {
        assertThat(run("--rw read --verify --total 1M").complaint()).get()
                .asString()
                .contains("nothing could be checked");

        run("--rw write --verify --total 64k --size 1M");

        Outcome check = run("--rw read --verify --total 1M");
        assertThat(check.complaint()).isEmpty();
        assertThat(check.judged()).isEqualTo(128);
        assertThat(Report.of(check)).contains("128 blocks checked, 0 wrong, 1,920 without a mark");
    }

    @Test
    void aWriteThatTheDeviceForgetsIsFound() {
        AtomicInteger writes = new AtomicInteger();
        byte[] before = device.blocks(0, 8);
        device.fate((kind, block, blocks) -> {
            if (kind == Kind.READ && writes.getAndIncrement() == 0) {
                for (int i = 0; i < before.length; i++) {
                    device.storage().set(ValueLayout.JAVA_BYTE, i, before[i]);
                }
            }
            return BlockStatus.OK;
        });

        Outcome outcome = run("--rw write --verify --bs 4k --total 2M");

        assertThat(outcome.complaint()).get().asString().contains("8 blocks are not what they have to be", "block 0");
    }

    @Test
    void aFlippedBitIsFound() {
        run("--rw write --verify --bs 4k --total 2M");
        long at = 1234 * 512 + 100;
        device.storage().set(ValueLayout.JAVA_BYTE, at, (byte) ~device.storage().get(ValueLayout.JAVA_BYTE, at));

        Outcome outcome = run("--rw read --verify --bs 4k --total 2M");

        assertThat(outcome.complaint()).get().asString().contains("1 blocks", "block 1234: changed in the middle");
    }

    @Test
    void errorsAreCountedByStatusAndWhatTheyWroteIsNotRelied() {
        AtomicInteger requests = new AtomicInteger();
        device.fate((kind, block, blocks) -> switch (kind == Kind.WRITE ? requests.incrementAndGet() % 10 : 1) {
            case 0 -> BlockStatus.MEDIA_ERROR;
            case 5 -> BlockStatus.TIMED_OUT;
            default -> BlockStatus.OK;
        });

        Outcome outcome = run("--rw write --verify --bs 4k --total 1M");

        assertThat(outcome.tally().count(BlockStatus.MEDIA_ERROR)).isEqualTo(25);
        assertThat(outcome.tally().count(BlockStatus.TIMED_OUT)).isEqualTo(26);
        assertThat(outcome.wrong()).isZero();
        assertThat(outcome.complaint()).get().asString().contains("51 of 256 requests failed");
        assertThat(Report.of(outcome)).contains("25 MEDIA_ERROR, 26 TIMED_OUT");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--wait poll", "--wait interrupts"})
    void L8_aDeviceThatGoesEndsTheRunAndEachRequestIsCountedOnce(String wait) throws Exception {
        device.hold();
        PerfRun run = new PerfRun(plan("--depth 16 --threads 2 --time 1h " + wait));
        CompletableFuture<Outcome> outcome = CompletableFuture.supplyAsync(() -> run.run(NO_PROGRESS));
        device.awaitInFlight(32);
        device.yank();

        Outcome ended = outcome.get(20, TimeUnit.SECONDS);

        assertThat(ended.tally().count(BlockStatus.GONE)).isEqualTo(32);
        assertThat(ended.tally().acceptedCount()).isEqualTo(32);
        assertThat(ended.complaint()).get()
                .asString()
                .contains("fake/n1: the device is gone (32 requests ended, 0 of them");
        assertThat(device.openQueues()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ctrlCEndsARunAndItsReportIsThere(boolean interrupts) throws Exception {
        CountDownLatch ticking = new CountDownLatch(1);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        PerfRun run = new PerfRun(plan("--time 1h"));
        Thread user = Thread.ofPlatform()
                .start(() -> outcome.complete(run.run((elapsed, requests, errors) -> ticking.countDown())));
        assertThat(ticking.await(20, TimeUnit.SECONDS)).isTrue();
        if (interrupts) {
            user.interrupt();
        } else {
            run.stop();
        }

        Outcome ended = outcome.get(20, TimeUnit.SECONDS);

        assertThat(ended.interrupted()).isTrue();
        assertThat(ended.complaint()).isEmpty();
        assertThat(ended.done()).isPositive();
        assertThat(Report.of(ended)).contains(", ended by the user");
    }

    @Test
    void aQueueThatCannotBeHadEndsTheRun() {
        device.yank();

        Outcome outcome = run("--threads 3 --time 1h");

        assertThat(outcome.complaint()).get().asString().contains("the device is gone");
        assertThat(Report.of(outcome)).contains("ended early");
    }
}
