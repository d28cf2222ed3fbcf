package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.device.Deadline;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.FlowControl;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.busbar.net.PortQueueOptions.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What can be done to queues and ports in use, with every kind of controller. */
@Timeout(120)
final class QueueTest {

    private static final int PACKETS = 512;
    private static final MacAddress OTHER = new MacAddress(0x0200_0000_0042L);

    private final NetworkSwitch network = new NetworkSwitch();
    private final Packet[] one = new Packet[1];
    private Slot left;
    private Slot right;

    private void bind(NicChip chip) throws Exception {
        left = Slot.bound(1, network, NicChip.I82574L, true);
        right = Slot.bound(2, network, chip, true);
    }

    @AfterEach
    void noAccessOutsideMappings() {
        left.close();
        right.close();
        assertThat(left.iommuFaults()).isEmpty();
        assertThat(right.iommuFaults()).isEmpty();
        assertThat(left.context().failures()).isEmpty();
        assertThat(right.context().failures()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aQueueStopsAndStartsAndLosesNoPacket(NicChip chip) throws Exception {
        bind(chip);
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            for (int round = 0; round < 20; round++) {
                exchange(a, b, round);
                b.stop();
                b.stop();
                assertThat(packets(b)).as("nothing is in the rings").isEqualTo(PACKETS);
                send(a, Slot.mac(2), -1);
                assertThat(b.receive(one)).isZero();
                Packet packet = b.allocate();
                Frames.fill(packet, Slot.mac(1), Slot.mac(2), 5, 64);
                one[0] = packet;
                assertThat(b.transmit(one, 0, 1)).isZero();
                packet.release();
                assertThat(b.awaitReceive(Deadline.afterMillis(1))).isFalse();
                b.start();
                b.start();
            }
            exchange(a, b, 99);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aResetBringsEverythingBackThatWasChosen(NicChip chip) throws Exception {
        bind(chip);
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            right.port().changeMac(OTHER);
            right.port().changeMtu(4000);
            right.port().changeFlowControl(FlowControl.BOTH);
            right.port().allMulticast(true);
            exchange(a, b, 1);
            long before = right.port().counters().get("good_packets_received_count");
            assertThat(before).isPositive();
            for (int round = 0; round < 10; round++) {
                right.port().reset(Deadline.afterMillis(10_000));
                right.awaitLink();
                assertThat(right.port().mac()).isEqualTo(OTHER);
                exchange(a, b, 10 + round);
                send(a, new MacAddress(0x0100_5e00_0001L), 1000 + round);
                Packet group = arrived(b, 1000 + round);
                group.release();
            }
            assertThat(right.port().flowControl()).isEqualTo(FlowControl.BOTH);
            assertThat(right.port().counters().get("good_packets_received_count")).isGreaterThan(before);
        }
    }

    /** Resets again and again while both sides send and receive: whatever is lost, it is no packet. */
    @ParameterizedTest
    @EnumSource
    void L8_resetsUnderTrafficLoseNoPacket(NicChip chip) throws Exception {
        bind(chip);
        AtomicBoolean enough = new AtomicBoolean();
        AtomicLong there = new AtomicLong();
        AtomicLong back = new AtomicLong();
        try (var threads = Executors.newCachedThreadPool();
                NicQueue a = left.open();
                NicQueue b = right.open()) {
            Future<?> left = threads.submit(() -> pump(a, Slot.mac(1), Slot.mac(2), enough, back));
            Future<?> right = threads.submit(() -> pump(b, Slot.mac(2), Slot.mac(1), enough, there));
            try {
                for (int round = 0; round < 10; round++) {
                    this.right.port().reset(Deadline.afterMillis(10_000));
                    awaitMore(there, 200);
                    awaitMore(back, 200);
                }
            } finally {
                enough.set(true);
            }
            left.get(20, TimeUnit.SECONDS);
            right.get(20, TimeUnit.SECONDS);
            b.stop();
            assertThat(packets(b)).isEqualTo(PACKETS);
            b.start();
            exchange(a, b, 7);
        }
    }

    /** Returns how many packets a queue that is stopped can allocate: all that are not lost. */
    private static int packets(NicQueue queue) {
        List<Packet> all = new ArrayList<>();
        for (Packet packet = queue.allocate(); packet != null; packet = queue.allocate()) {
            all.add(packet);
        }
        all.forEach(Packet::release);
        return all.size();
    }

    private static void awaitMore(AtomicLong count, int more) {
        long enough = count.get() + more;
        Deadline deadline = Deadline.afterMillis(20_000);
        while (count.get() < enough) {
            assertThat(deadline.expired()).as("frames arrive again").isFalse();
            Thread.onSpinWait();
        }
    }

    /** Sends and receives until told to end, and counts what arrives. */
    private static void pump(
            NicQueue queue, MacAddress from, MacAddress to, AtomicBoolean enough, AtomicLong received) {
        Packet[] batch = new Packet[16];
        Packet[] arrived = new Packet[32];
        while (!enough.get()) {
            int filled = 0;
            for (Packet packet; filled < batch.length && (packet = queue.allocate()) != null;) {
                Frames.fill(packet, to, from, filled, 64);
                batch[filled++] = packet;
            }
            int accepted = queue.transmit(batch, 0, filled);
            for (int i = accepted; i < filled; i++) {
                batch[i].release();
            }
            int count = queue.receive(arrived);
            for (int i = 0; i < count; i++) {
                arrived[i].release();
            }
            received.addAndGet(count);
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyWayOfWaitingWorks(NicChip chip) throws Exception {
        bind(chip);
        try (NicQueue a = left.open()) {
            for (Waiting waiting : Waiting.values()) {
                try (NicQueue b = right.open(waiting)) {
                    for (int round = 0; round < 100; round++) {
                        long expected = round;
                        assertThat(b.awaitReceive(Deadline.afterMillis(0))).isFalse();
                        Thread sender = Thread.ofPlatform().start(() -> send(a, Slot.mac(2), expected));
                        assertThat(b.awaitReceive(Deadline.afterMillis(20_000))).as("%s", waiting).isTrue();
                        sender.join();
                        arrived(b, expected).release();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void descriptorsTellWhoHasThem(NicChip chip) throws Exception {
        bind(chip);
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            assertThat(b.receiveStatus(0)).isEqualTo(DescriptorStatus.DEVICE);
            assertThat(b.receiveStatus(255)).isEqualTo(DescriptorStatus.UNUSED);
            send(a, Slot.mac(2), 1);
            assertThat(b.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
            assertThat(b.receiveStatus(0)).isEqualTo(DescriptorStatus.DONE);
            arrived(b, 1).release();
            assertThat(a.transmitStatus(0)).isEqualTo(DescriptorStatus.UNUSED);
            Deadline deadline = Deadline.afterMillis(20_000);
            for (DescriptorStatus status = a.transmitStatus(255); status != DescriptorStatus.DONE;) {
                assertThat(status).isEqualTo(DescriptorStatus.DEVICE);
                assertThat(deadline.expired()).as("whether the frame takes too long to leave").isFalse();
                status = a.transmitStatus(255);
            }
            assertThatThrownBy(() -> a.transmitStatus(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void interruptsAreHeldBack(NicChip chip) throws Exception {
        bind(chip);
        if (!right.port().features().contains(PortFeature.INTERRUPT_THROTTLING)) {
            assertThatThrownBy(() -> right.port().throttleInterrupts(Duration.ofMillis(1)))
                    .isInstanceOf(UnsupportedOperationException.class);
            return;
        }
        right.port().throttleInterrupts(Duration.ofMillis(1));
        try (NicQueue a = left.open();
                NicQueue b = right.open(Waiting.INTERRUPT)) {
            for (int round = 0; round < 50; round++) {
                exchange(a, b, round);
            }
            assertThatThrownBy(() -> right.port().throttleInterrupts(Duration.ofMillis(20)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothDirectionsAreCountedPerQueue(NicChip chip) throws Exception {
        bind(chip);
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            for (int round = 0; round < 10; round++) {
                exchange(a, b, round);
            }
            assertThat(right.port().statistics(0)).isEqualTo(right.port().statistics());
            assertThat(right.port().statistics(0).receivedFrames()).isEqualTo(10);
            assertThatThrownBy(() -> right.port().statistics(right.port().queues()))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    private void exchange(NicQueue a, NicQueue b, long number) throws Exception {
        send(a, right.port().mac(), number);
        Packet there = arrived(b, number);
        Frames.fill(there, Slot.mac(1), right.port().mac(), ~number, 64);
        one[0] = there;
        assertThat(b.transmit(one, 0, 1)).isEqualTo(1);
        arrived(a, ~number).release();
    }

    /** Receives until a frame with that number comes: others may have come before. */
    private static Packet arrived(NicQueue queue, long number) throws InterruptedException {
        for (int others = 0; others < 100_000; others++) {
            Packet packet = Slot.receive(queue);
            if (Frames.number(packet) == number) {
                return packet;
            }
            packet.release();
        }
        throw new AssertionError("only others come, not " + number);
    }

    private static void send(NicQueue queue, MacAddress to, long number) {
        Packet packet = queue.allocate();
        assertThat(packet).isNotNull();
        Frames.fill(packet, to, Slot.mac(1), number, 64);
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
    }
}
