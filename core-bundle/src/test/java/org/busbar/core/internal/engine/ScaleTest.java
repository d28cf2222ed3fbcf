package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.match.MatchIndex;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.bus.MatchKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Costs follow the change. The bounds are several times what an idle machine needs, so that a busy one passes, and far
 * below what anything quadratic would take; the benchmarks module has the figures.
 */
@Timeout(120)
class ScaleTest {

    private static FakeDevice device(int i, int generation) {
        return new FakeDevice(
                "%04x:%02x:%02x.0".formatted(i >> 13, i >> 5 & 0xff, i & 0x1f),
                generation,
                "8086:%04x:1af4:1100".formatted(i % 4096),
                "8086:%04x".formatted(i % 4096),
                "class:%06x".formatted(i % 64),
                "class:%04x".formatted(i % 16),
                "class:%02x".formatted(i % 4));
    }

    private static FakeDriver driver(int i) {
        String[] keys = new String[16];
        for (int k = 0; k < 16; k++) {
            keys[k] = "8086:%04x".formatted(16 * i + k);
        }
        return new FakeDriver("driver" + i, keys);
    }

    /** Processor time of this thread: what others do on the machine does not count. */
    private static long cpuTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static int match(List<FakeDevice> devices, List<DriverEntry> drivers) {
        MatchIndex<FakeDevice> index = new MatchIndex<>();
        int pairs = 0;
        for (DriverEntry driver : drivers) {
            pairs += index.addDriver(driver).size();
        }
        for (FakeDevice device : devices) {
            List<MatchKey> keys = device.keys();
            pairs += index.addDevice(device, keys).size();
        }
        return pairs;
    }

    @Test
    void L3_4096DevicesAgainst64DriversOf16IdsMatchInMilliseconds() {
        List<FakeDevice> devices = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            devices.add(device(i, 1));
        }
        List<DriverEntry> drivers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            drivers.add(DriverEntry.of(driver(i)));
        }
        long[] nanos = new long[60];
        for (int i = 0; i < nanos.length; i++) {
            long start = cpuTime();
            assertThat(match(devices, drivers)).isEqualTo(1024);
            nanos[i] = cpuTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf("match 4096 x 64 x 16: median %.2f ms of processor time%n", nanos[30] / 1e6);
        assertThat(nanos[5]).isLessThan(TimeUnit.MILLISECONDS.toNanos(25));
    }

    /** Processor time that the worker needs for so many devices, best of a few runs. */
    private static long workerTime(int count) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        List<FakeDevice> devices = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            devices.add(device(i, 1));
        }
        long best = Long.MAX_VALUE;
        for (int run = 0; run < 4; run++) {
            try (Bus bus = new Bus()) {
                bus.driver("d", "only");
                bus.settle();
                long worker = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                        .filter(t -> t != null && t.getThreadName().equals("busbar-test"))
                        .mapToLong(ThreadInfo::getThreadId)
                        .max()
                        .orElseThrow();
                long start = threads.getThreadCpuTime(worker);
                bus.changed(List.of(), devices).get(60, TimeUnit.SECONDS);
                bus.settle();
                best = Math.min(best, threads.getThreadCpuTime(worker) - start);
            }
        }
        return best;
    }

    @Test
    void L3_costGrowsWithTheNumberOfDevicesAndNoFaster() throws Exception {
        long few = workerTime(16_384);
        long many = workerTime(65_536);
        System.out.printf(
                "arrivals, worker: 16384 in %.1f ms, 65536 in %.1f ms of processor time%n", few / 1e6, many / 1e6);
        assertThat(many).as("four times the devices; quadratic would be sixteen times").isLessThan(9 * few);
    }

    @Test
    void L3_65536DevicesArriveLinearlyAndOneMoreIsBoundAtOnce() throws Exception {
        try (Bus bus = new Bus()) {
            bus.driver("d", "only");
            List<FakeDevice> devices = new ArrayList<>();
            for (int i = 0; i < 65_536; i++) {
                devices.add(device(i, 1));
            }
            int threads = Thread.activeCount();
            long start = System.nanoTime();
            bus.changed(List.of(), devices).get(60, TimeUnit.SECONDS);
            bus.settle();
            long all = System.nanoTime() - start;
            assertThat(Thread.activeCount()).isLessThan(threads + 10);
            long[] nanos = new long[200];
            for (int i = 0; i < nanos.length; i++) {
                FakeDevice extra = new FakeDevice("ffff:00:%02x.0".formatted(i), 1, "only");
                var bound = new CountDownLatch(1);
                try (AutoCloseable _ = bus.session.follow(event -> {
                    if (event.kind() == Kind.BOUND && extra.id().equals(event.device())) {
                        bound.countDown();
                    }
                })) {
                    long begin = System.nanoTime();
                    bus.add(extra);
                    assertThat(bound.await(20, TimeUnit.SECONDS)).isTrue();
                    nanos[i] = System.nanoTime() - begin;
                }
            }
            Arrays.sort(nanos);
            System.out.printf(
                    "65536 devices reported: %.0f ms; one more, to bound: median %.3f ms%n", all / 1e6,
                    nanos[100] / 1e6);
            assertThat(all).isLessThan(TimeUnit.SECONDS.toNanos(20));
            assertThat(nanos[20]).isLessThan(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
