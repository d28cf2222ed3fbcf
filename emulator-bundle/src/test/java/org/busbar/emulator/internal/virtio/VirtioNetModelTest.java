package org.busbar.emulator.internal.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.emulator.internal.net.SwitchPort;
import org.busbar.net.MacAddress;
import org.busbar.pci.Bar;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;

/** The device as a driver's author sees it with the specification open, and as a driver that breaks every rule sees it. */
final class VirtioNetModelTest {

    private static final int STATUS = 0x14;
    private static final long MEMORY = 0x10_0000;
    private static final int BYTES = 0x1_0000;

    /** A device that is open, with memory for it and a plain port on its switch. */
    private static final class Bench implements AutoCloseable {

        final NetworkSwitch network = new NetworkSwitch();
        final SwitchPort peer = network.attach("peer", () -> {});
        final Queue<IommuFault> iommuFaults = new ConcurrentLinkedQueue<>();
        final EmulatedFunction function;
        final FunctionHandle handle;
        final Bar bar;
        final MemorySegment memory;

        Bench(int pairs) {
            function = new EmulatedFunction(
                    1,
                    new PciAddress(0xe000, 1, 0, 0),
                    new VirtioNetModel(new Card.VirtioNet(new MacAddress(0x5254_0000_0001L), pairs, 1500), network),
                    iommuFaults::add);
            function.plugIn();
            try {
                handle = function.open(new Silence());
                bar = handle.bar(Virtio.BAR);
                memory = handle.dma().map(MEMORY, BYTES);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        void status(int value) {
            bar.write8(STATUS, value);
        }

        int status() {
            return bar.read8(STATUS);
        }

        void features(long bits) {
            bar.write32(0x08, 0);
            bar.write32(0x0c, (int) bits);
            bar.write32(0x08, 1);
            bar.write32(0x0c, (int) (bits >>> 32));
        }

        void queue(int index, int size, long descriptors, long driver, long device) {
            bar.write16(0x16, index);
            bar.write16(0x18, size);
            long[] areas = {descriptors, driver, device};
            for (int i = 0; i < 3; i++) {
                bar.write32(0x20 + 8 * i, (int) areas[i]);
                bar.write32(0x24 + 8 * i, (int) (areas[i] >>> 32));
            }
            bar.write16(0x1c, 1);
        }

        static void await(String what, BooleanSupplier condition) {
            Deadline deadline = Deadline.afterMillis(20_000);
            while (!condition.getAsBoolean()) {
                if (deadline.expired()) {
                    throw new AssertionError("timed out waiting for " + what);
                }
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            handle.close();
            function.cutOff();
            function.switchOff();
            assertThat(function.crash()).isNull();
        }
    }

    private static final class Silence implements FunctionNotices {
        @Override
        public void ejectRequested() {}

        @Override
        public void ejectCancelled() {}

        @Override
        public void maybeGone() {}

        @Override
        public void error(String what) {}
    }

    @Example
    void registersHaveTheirInitialValues() {
        try (Bench bench = new Bench(2)) {
            assertThat(bench.status()).isZero();
            assertThat(bench.bar.read16(0x12)).as("num_queues").isEqualTo(5);
            assertThat(bench.bar.read16(0x10)).as("config_msix_vector").isEqualTo(Virtio.NO_VECTOR);
            for (int queue = 0; queue < 6; queue++) {
                bench.bar.write16(0x16, queue);
                assertThat(bench.bar.read16(0x18)).as("queue_size").isEqualTo(queue < 5 ? 256 : 0);
                assertThat(bench.bar.read16(0x1a)).isEqualTo(Virtio.NO_VECTOR);
            }
            assertThat(bench.bar.read8(Virtio.DEVICE)).isEqualTo(0x52);
            assertThat(bench.bar.read16(Virtio.DEVICE + 8)).as("pairs").isEqualTo(2);
            assertThat(bench.bar.read16(Virtio.DEVICE + 10)).as("MTU").isEqualTo(1500);
        }
    }

    @Example
    void featuresThatWereNotOfferedOrAreNeededAreAMatterOfFeaturesOk() {
        try (Bench bench = new Bench(1)) {
            long needed = Virtio.VERSION_1 | Virtio.ACCESS_PLATFORM;
            long[] refused = {0, Virtio.VERSION_1, needed | 1L << 61, needed | Virtio.RSS, needed | Virtio.GUEST_TSO4,
                needed | Virtio.CTRL_RX};
            for (long features : refused) {
                bench.status(0);
                bench.status(3);
                bench.features(features);
                bench.status(3 | Virtio.FEATURES_OK);
                assertThat(bench.status()).as("%x", features).isEqualTo(3);
            }
            bench.status(0);
            Bench.await("the reset", () -> bench.status() == 0);
            bench.features(needed);
            bench.status(3 | Virtio.FEATURES_OK);
            assertThat(bench.status()).isEqualTo(3 | Virtio.FEATURES_OK);
        }
    }

    @Example
    void aDriverThatBreaksTheRulesFindsThatTheDeviceNeedsAReset() {
        try (Bench bench = new Bench(1)) {
            start(bench, Virtio.VERSION_1 | Virtio.ACCESS_PLATFORM);
            // A descriptor that is not there.
            bench.memory.set(ValueLayout.JAVA_SHORT, 0x1000 + 4, (short) 9);
            bench.memory.set(ValueLayout.JAVA_SHORT, 0x1000 + 2, (short) 1);
            bench.bar.write16(Virtio.NOTIFY + Virtio.NOTIFY_MULTIPLIER, 1);
            Bench.await("DEVICE_NEEDS_RESET", () -> (bench.status() & Virtio.NEEDS_RESET) != 0);
            bench.status(0);
            Bench.await("the reset", () -> bench.status() == 0);
            assertThat(bench.iommuFaults).isEmpty();
        }
    }

    /** Queue 1 with 8 descriptors. */
    private static void start(Bench bench, long features) {
        bench.status(3);
        bench.features(features);
        bench.status(3 | Virtio.FEATURES_OK);
        bench.queue(1, 8, MEMORY, MEMORY + 0x1000, MEMORY + 0x2000);
        bench.status(3 | Virtio.FEATURES_OK | Virtio.DRIVER_OK);
    }

    @Property(tries = 100)
    void L5_whateverADriverWritesTheModelDoesNotCrash(@ForAll long seed) {
        Random random = new Random(seed);
        MemorySegment frame = Arena.ofAuto().allocate(64, 8);
        try (Bench bench = new Bench(2)) {
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> bench.bar.write32(4L * random.nextInt(16), random.nextInt());
                    case 1 -> bench.bar.write16(2L * random.nextInt(32), random.nextInt(300));
                    case 2 -> bench.bar.write16(Virtio.NOTIFY + 4L * random.nextInt(5), random.nextInt(5));
                    case 3 -> {
                        for (int queue = 0; queue < 5; queue++) {
                            bench.bar.write16(Virtio.NOTIFY + 4L * queue, queue);
                        }
                    }
                    case 4 -> {
                        for (int i = 0; i < 200; i++) {
                            bench.memory.set(
                                    ValueLayout.JAVA_INT,
                                    4L * random.nextInt(BYTES / 4),
                                    random.nextBoolean() ? random.nextInt(70) : (int) MEMORY + random.nextInt(BYTES));
                        }
                    }
                    case 5 -> {
                        frame.set(ValueLayout.JAVA_LONG, 0, random.nextLong());
                        bench.peer.send(frame, 0, 14 + random.nextInt(50));
                    }
                    case 6 -> bench.bar.read64(8L * random.nextInt(Virtio.BAR_SIZE / 8));
                    default -> {
                        bench.status(0);
                        Bench.await("the reset", () -> bench.status() == 0);
                        bench.status(3);
                        bench.features((random.nextLong() & 0x2000_bfff_ffffL) | Virtio.VERSION_1
                                | Virtio.ACCESS_PLATFORM | (random.nextBoolean() ? Virtio.RING_PACKED : 0));
                        for (int queue = 0; queue < 5; queue++) {
                            int page = random.nextInt(12);
                            long at = MEMORY + 0x1000L * page;
                            bench.queue(queue, 1 << random.nextInt(9), at, at + 0x1000, at + 0x2000);
                        }
                        bench.status(15);
                    }
                }
            }
        }
    }
}
