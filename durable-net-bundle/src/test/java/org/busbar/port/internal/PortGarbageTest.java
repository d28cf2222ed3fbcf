package org.busbar.port.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.junit.jupiter.api.Test;

/** The data path allocates nothing, neither with a driver nor in the gap. */
final class PortGarbageTest {

    private static final int ROUNDS = 20_000;
    private static final int BATCH = 4;

    private final Bench bench = new Bench();
    private final Packet[] packets = new Packet[BATCH];

    @Test
    void nothingIsAllocatedPerPacket() throws IOException {
        FakePort driver = bench.come(new FakePort(Bench.MAC));
        try (PortQueue queue = bench.port().openQueue()) {
            expectNoGarbage("with a driver", () -> round(queue, driver.queue(0)));
            bench.pull(driver);
            expectNoGarbage("in the gap", () -> round(queue, null));
            assertThat(bench.port().history().dropped()).isEqualTo(3L * ROUNDS * BATCH);
        }
    }

    private static void expectNoGarbage(String when, Runnable round) {
        repeat(round);
        repeat(round);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        repeat(round);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(bytes).as("bytes for %d packets %s", ROUNDS * BATCH, when).isLessThan(ROUNDS);
    }

    private static void repeat(Runnable round) {
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
    }

    private void round(PortQueue queue, FakeQueue below) {
        for (int i = 0; i < BATCH; i++) {
            packets[i] = queue.allocate();
        }
        if (queue.transmit(packets, 0, BATCH) != BATCH) {
            throw new AssertionError("no room");
        }
        if (below != null) {
            below.send();
            below.arrive(60);
        }
        int received = queue.receive(packets);
        for (int i = 0; i < received; i++) {
            packets[i].release();
        }
    }
}
