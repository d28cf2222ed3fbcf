package org.busbar.shell.nvme.internal.perf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import org.busbar.shell.nvme.internal.FakeDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run a hundred times as long allocates no more. */
class PerfAllocationTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int SHORT = 1_000;
    private static final int LONG = 100_000;

    private final FakeDevice device = new FakeDevice(4096, 512);

    @ParameterizedTest
    @ValueSource(strings = {"--rw=randread", "--rw=randrw --verify", "--rw=write --wait=poll"})
    void nothingIsAllocatedPerRequest(String pattern) throws Exception {
        allocated(pattern, LONG); // classes, tables of switches

        long few = allocated(pattern, SHORT);
        long many = allocated(pattern, LONG);

        assertThat((double) (many - few) / (LONG - SHORT)).as("bytes per request").isLessThan(0.5);
    }

    private long allocated(String pattern, int requests) throws InterruptedException {
        String[] words = ("fake/n1 --bs=512 --depth=8 --total=" + requests * 512L + ' ' + pattern).split(" ");
        Plan plan = Plan.of(PerfOptions.of(PerfOptions.arguments(List.of(words))), device);
        Control control = new Control(1, Duration.ofSeconds(20));
        long[] bytes = new long[1];
        Worker worker = new Worker(plan, control, 0, 1);
        Thread thread = Thread.ofPlatform().start(() -> {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            worker.run();
            bytes[0] = THREADS.getCurrentThreadAllocatedBytes() - before;
        });
        control.start();
        assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
        assertThat(worker.tally().completedCount()).isEqualTo(requests);
        return bytes[0];
    }
}
