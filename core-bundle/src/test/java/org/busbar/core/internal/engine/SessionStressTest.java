package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceId;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.BusDevice;
import org.busbar.device.dto.DeviceDTO;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Timeout;

/** Several threads report at once, each about its own slots and its own driver, while others look and ask. */
@Timeout(120)
class SessionStressTest {

    private static final int THREADS = 4;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final ConcurrentLinkedQueue<Counting> bindings = new ConcurrentLinkedQueue<>();

    /** A binding that counts what is asked of it. */
    private static final class Counting extends FakeBinding {
        private final AtomicInteger closed = new AtomicInteger();
        private final FakeDriver driver;

        Counting(FakeDriver driver, BusDevice device, DeviceContext context) {
            super(device.id(), context);
            this.driver = driver;
        }

        @Override
        public void quiesce(Deadline deadline) {
            assertThat(closed).hasValue(0);
        }

        @Override
        public void close(RemovalReason reason) {
            assertThat(closed.incrementAndGet()).isEqualTo(1);
        }
    }

    private FakeDriver driver(String name) {
        return new FakeDriver(name, "k").doing((self, device, context) -> {
            context.own("mapping", () -> {});
            Counting binding = new Counting(self, device, context);
            bindings.add(binding);
            return binding;
        });
    }

    @RepeatedTest(5)
    void L2_L4_L7_manyThreadsAtOnce() throws Exception {
        try (Bus bus = new Bus()) {
            List<FakeDevice> present = Collections.synchronizedList(new ArrayList<>());
            List<FakeDriver> drivers = Collections.synchronizedList(new ArrayList<>());
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int own = t;
                threads.add(Thread.ofPlatform().start(() -> guard(() -> devices(bus, own, present))));
                threads.add(Thread.ofPlatform().start(() -> guard(() -> drivers(bus, own, drivers))));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(bus.session.snapshot().devices).hasSizeLessThanOrEqualTo(8 * THREADS);
            }
            for (Thread thread : threads) {
                assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
            }
            assertThat(failure).hasNullValue();
            bus.settle();
            while (bus.time.advanceToNext()) {
                bus.settle(); // graces, which nobody will make use of
            }
            String best = drivers.getFirst().name();
            long oldest = Long.MAX_VALUE;
            for (FakeDriver driver : drivers) {
                long id = (Long) driver.reference().getProperty("service.id");
                if (id < oldest) {
                    oldest = id;
                    best = driver.name();
                }
            }
            List<DeviceDTO> shown = bus.session.snapshot().devices;
            assertThat(shown).hasSameSizeAs(present);
            for (DeviceDTO device : shown) {
                assertThat(device.state + " " + device.driver).isEqualTo("BOUND " + best);
            }
            assertThat(bindings.stream().filter(b -> b.closed.get() == 0)).hasSameSizeAs(present);
        }
        assertThat(bindings).allMatch(b -> b.closed.get() == 1);
    }

    private void devices(Bus bus, int own, List<FakeDevice> present) throws Exception {
        Random random = new Random(own);
        FakeDevice[] slots = new FakeDevice[8];
        List<CompletableFuture<Void>> gone = new ArrayList<>();
        for (int i = 1; i <= 400; i++) {
            int slot = random.nextInt(8);
            FakeDevice old = slots[slot];
            slots[slot] = old != null && random.nextBoolean() ? null : new FakeDevice(own + "." + slot, i, "k");
            List<DeviceId> left = old == null ? List.of() : List.of(old.id());
            gone.add(bus.changed(left, slots[slot] == null ? List.of() : List.of(slots[slot])));
            if (old != null && i % 10 == 0) {
                gone.getLast().get(30, TimeUnit.SECONDS);
                assertThat(bindings.stream().filter(b -> b.device.equals(old.id()) && b.closed.get() == 0))
                        .as("L6: bindings of a device that is gone")
                        .isEmpty();
            }
        }
        CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        for (FakeDevice device : slots) {
            if (device != null) {
                present.add(device);
            }
        }
    }

    private void drivers(Bus bus, int own, List<FakeDriver> drivers) {
        for (int i = 0; i < 40; i++) {
            FakeDriver driver = bus.add(driver("d" + own));
            assertThat(bus.session.snapshot()).isNotNull();
            if (i == 39) {
                drivers.add(driver);
            } else {
                bus.session.driverLeft(driver);
                assertThat(bindings.stream().filter(b -> b.driver.equals(driver) && b.closed.get() == 0))
                        .as("L7: bindings of a driver that has left")
                        .isEmpty();
            }
        }
    }

    private interface Racer {
        void run() throws Exception;
    }

    private void guard(Racer racer) {
        try {
            racer.run();
        } catch (Throwable thrown) {
            failure.compareAndSet(null, thrown);
        }
    }
}
