package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceId;
import org.busbar.testkit.RegisterBar;
import org.busbar.testkit.TestContext;
import org.junit.jupiter.api.Test;

/** Late commands of which the controller aborts only some at a time. */
class WatchTest {

    private static final long TIMEOUT = TimeUnit.SECONDS.toNanos(2);
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(100);

    private final TestContext context = new TestContext(new DeviceId("pci", "0000:01:00.0", 1));
    private final Identifiers slots = new Identifiers(8);
    private final List<Integer> aborted = new ArrayList<>();
    private int places;
    private final Watch watch =
            new Watch(1, slots, TIMEOUT, this::abort, new Health(context, new Registers(new Well())));
    private long now = System.nanoTime();

    private boolean abort(int queue, int identifier) {
        if (places == 0) {
            return false;
        }
        places--;
        aborted.add(identifier);
        return true;
    }

    private void look() {
        now += LOOK;
        watch.look(now);
    }

    private void sendAll() {
        while (slots.taken() < slots.slots()) {
            watch.begin(slots.take());
        }
        look();
        now += TIMEOUT;
    }

    @Test
    void L5_aLateCommandThatFindsNoPlaceIsAbortedAtALaterLookAndNotByAReset() {
        sendAll();
        for (int round = 0; round < 4; round++) {
            places = 2;
            look();
        }
        assertThat(aborted).doesNotHaveDuplicates().hasSize(8);
        assertThat(context.failures()).isEmpty();
    }

    @Test
    void L5_aCommandWaitsForItsTurnAsLongAsOthersAreAborted() {
        sendAll();
        for (int turn = 0; turn < 8; turn++) {
            places = 1;
            look();
            slots.give(slots.slotOf(aborted.getLast())); // it has ended
            now += TIMEOUT / 2;
        }
        assertThat(aborted).hasSize(8);
        assertThat(context.failures()).isEmpty();
    }

    @Test
    void aCommandThatIsLateCountsAsLateBeforeItsTurn() {
        sendAll();
        look();
        assertThat(aborted).isEmpty();
        assertThat(watch.isLate(0)).isTrue();
    }

    @Test
    void L5_ifNoAbortCanBeSentForALongTimeTheControllerIsResetAndTheReportSaysSo() {
        sendAll();
        look();
        now += TIMEOUT;
        assertThat(context.failures()).isEmpty();
        look();
        assertThat(context.failures()).first()
                .satisfies(failure -> assertThat(failure)
                        .hasMessageContaining("not answered within 2000 ms")
                        .hasMessageContaining("no Abort could be sent"));
    }

    private static final class Well extends RegisterBar {

        Well() {
            super(0x2000);
        }

        @Override
        public int read32(long offset) {
            return 1;
        }

        @Override
        public void write32(long offset, int value) {
            throw new AssertionError("nothing is written");
        }
    }
}
