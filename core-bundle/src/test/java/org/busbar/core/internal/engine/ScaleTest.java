package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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
    void L3_4096DevicesAgainst64DriversOf16IdsGiveJustThePairsThatMatch() {
        List<FakeDevice> devices = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            devices.add(device(i, 1));
        }
        List<DriverEntry> drivers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            drivers.add(DriverEntry.of(driver(i)));
        }
        assertThat(match(devices, drivers)).isEqualTo(1024);
    }

    @Test
    void L3_of65536DevicesNoneIsLookedAtWhenOneMoreOrADriverComesOrGoes() throws Exception {
        try (Bus bus = new Bus()) {
            bus.driver("d", "only");
            List<FakeDevice> devices = new ArrayList<>();
            for (int i = 0; i < 65_536; i++) {
                devices.add(device(i, 1));
            }
            int threads = Thread.activeCount();
            bus.changed(List.of(), devices).get(60, TimeUnit.SECONDS);
            bus.settle();
            assertThat(Thread.activeCount()).as("no thread per device").isLessThan(threads + 10);
            long before = looks(devices);
            assertThat(before).as("looks when they came").isPositive();
            FakeDevice extra = new FakeDevice("ffff:00:00.0", 1, "only");
            for (int i = 0; i < 200; i++) {
                extra = new FakeDevice("ffff:00:%02x.0".formatted(i), 1, "only");
                bindOneMore(bus, extra);
            }
            FakeDriver late = bus.driver("late", "only", "nothing has this");
            bus.session.driverLeft(late);
            bus.pull(extra);
            bus.settle();
            assertThat(looks(devices)).as("looks at what a change does not concern").isEqualTo(before);
            assertThat(bus.session.snapshot().probes).isEqualTo(200);
        }
    }

    private static long looks(List<FakeDevice> devices) {
        return devices.stream().mapToLong(device -> device.looks.sum()).sum();
    }

    private static void bindOneMore(Bus bus, FakeDevice extra) throws Exception {
        var bound = new CountDownLatch(1);
        try (AutoCloseable _ = bus.session.follow(event -> {
            if (event.kind() == Kind.BOUND && extra.id().equals(event.device())) {
                bound.countDown();
            }
        })) {
            bus.add(extra);
            assertThat(bound.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
