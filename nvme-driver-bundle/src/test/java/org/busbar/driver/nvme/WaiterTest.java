package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions.Waiting;
import org.busbar.device.Deadline;
import org.busbar.pci.InterruptWaiter;
import org.junit.jupiter.api.Test;

/** How the ways to wait go about it: how long they look before they sleep, if they sleep at all. */
class WaiterTest {

    private static final int WAITS = 130;
    private static final long MICROS_25 = TimeUnit.MICROSECONDS.toNanos(25);
    private static final long MICROS_50 = TimeUnit.MICROSECONDS.toNanos(50);

    private final FakeController controller = new FakeController(4, 60_000);
    private final SlowDevice device = new SlowDevice();
    private int ended;
    private final BlockQueue.Completion count = (tag, status) -> ended += status == BlockStatus.OK ? 1 : 0;

    /** A device that completes a command 300 microseconds after its owner has gone to sleep. */
    private final class SlowDevice implements InterruptWaiter {

        private long sleptAt;
        private int sleeps;

        @Override
        public boolean await(long nanos) {
            sleptAt = System.nanoTime();
            sleeps++;
            while (System.nanoTime() - sleptAt < TimeUnit.MICROSECONDS.toNanos(300)) {
                Thread.onSpinWait();
            }
            controller.fetch();
            controller.complete(controller.take(0), 0);
            return true;
        }

        @Override
        public void wake() {}

        @Override
        public void close() {}
    }

    /** Returns how long each of some waits looked before it slept. */
    private long[] looks(Waiting waiting) throws Exception {
        Waiter waiter = new Waiter(new Signal(() -> Optional.of(device)), waiting, true);
        long[] looked = new long[WAITS];
        for (int i = 0; i < WAITS; i++) {
            assertThat(controller.commands.prepare().plain(Opcode.FLUSH, 1, 0, 0, 0, i)).isTrue();
            controller.commands.submit();
            long began = System.nanoTime();
            waiter.await(controller.commands, Deadline.afterMillis(20_000));
            looked[i] = device.sleptAt - began;
            assertThat(controller.commands.poll(count, 1)).isEqualTo(1);
        }
        assertThat(device.sleeps).isEqualTo(WAITS);
        assertThat(ended).isEqualTo(WAITS);
        return looked;
    }

    private static long median(long[] values, int from, int to) {
        long[] some = Arrays.copyOfRange(values, from, to);
        Arrays.sort(some);
        return some[some.length / 2];
    }

    @Test
    void adaptiveWaitingLooksFirstSleepsAtOnceWhereThatDoesNotPayAndTriesAgainEach64thTime() throws Exception {
        long[] looked = looks(Waiting.ADAPTIVE);
        assertThat(looked[0]).as("the first wait").isGreaterThanOrEqualTo(MICROS_25);
        assertThat(median(looked, 8, 63)).as("once looking has not paid").isLessThan(MICROS_25);
        assertThat(looked[63]).as("the 64th wait").isGreaterThanOrEqualTo(MICROS_50);
        assertThat(median(looked, 64, 127)).as("and it has not paid again").isLessThan(MICROS_25);
        assertThat(looked[127]).as("the 128th wait").isGreaterThanOrEqualTo(MICROS_50);
        controller.close();
    }

    @Test
    void waitingForTheInterruptDoesNotLookFor() throws Exception {
        long[] looked = looks(Waiting.INTERRUPT);
        assertThat(median(looked, 0, WAITS)).isLessThan(MICROS_25);
        controller.close();
    }
}
