package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueueOptions;
import org.busbar.net.PortQueueOptions.Waiting;
import org.busbar.net.PortStatistics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two NICs on a switch, each with its driver. */
@Timeout(120)
final class TrafficTest {

    private static final MacAddress EVERYBODY = new MacAddress(0xffff_ffff_ffffL);
    private static final int PACKETS = 512;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Packet[] one = new Packet[1];
    private Slot left;
    private Slot right;

    @BeforeEach
    void bind() throws Exception {
        left = Slot.bound(1, network, true);
        right = Slot.bound(2, network, true);
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

    @Test
    void startupOffersThePortOfTheCard() {
        assertThat(left.port().mac()).isEqualTo(Slot.mac(1));
        assertThat(left.port().mtu()).isEqualTo(1500);
        assertThat(left.port().name()).isEqualTo("e000:01:00.0");
        assertThat(left.port().link().up()).isTrue();
        assertThat(left.port().link().megabitsPerSecond()).isEqualTo(1000);
        assertThat(left.port().link().fullDuplex()).isTrue();
        assertThat(left.context().properties().getFirst().get(NetworkPort.MAC)).isEqualTo("52:54:00:00:00:01");
    }

    @ParameterizedTest
    @ValueSource(ints = {14 + 8, 60, 1514})
    void tenThousandFramesThereAndBack(int length) throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            for (long number = 0; number < 10_000; number++) {
                send(a, Slot.mac(2), Slot.mac(1), number, length);
                Packet there = receive(b);
                Frames.verify(there, Slot.mac(2), Slot.mac(1), number, length);
                Frames.fill(there, Slot.mac(1), Slot.mac(2), ~number, length);
                one[0] = there;
                assertThat(b.transmit(one, 0, 1)).isEqualTo(1);
                Packet back = receive(a);
                Frames.verify(back, Slot.mac(1), Slot.mac(2), ~number, length);
                back.release();
            }
            PortStatistics counted = left.port().statistics();
            long onWire = Math.max(60, length);
            assertThat(counted).isEqualTo(new PortStatistics(10_000, 10_000 * onWire, 10_000, 10_000L * length, 0, 0));
        }
    }

    @Test
    void batchesWrapTheRingsInOrder() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            Packet[] batch = new Packet[37];
            Packet[] arrived = new Packet[64];
            long sent = 0;
            long expected = 0;
            while (expected < 20_000) {
                int filled = 0;
                while (filled < batch.length && sent + filled < 20_000) {
                    Packet packet = a.allocate();
                    if (packet == null) {
                        break;
                    }
                    Frames.fill(packet, Slot.mac(2), Slot.mac(1), sent + filled, 64);
                    batch[filled++] = packet;
                }
                int accepted = a.transmit(batch, 0, filled);
                for (int i = accepted; i < filled; i++) {
                    batch[i].release();
                }
                sent += accepted;
                int count = b.receive(arrived);
                for (int i = 0; i < count; i++) {
                    Frames.verify(arrived[i], Slot.mac(2), Slot.mac(1), expected++, 64);
                    arrived[i].release();
                }
            }
        }
    }

    @Test
    void noMoreFramesAreTakenThanTheRingHolds() throws Exception {
        left.faults(new org.busbar.emulator.Fault.LinkDown());
        try (NicQueue a = left.open()) {
            Packet[] many = new Packet[400];
            for (int i = 0; i < many.length; i++) {
                many[i] = a.allocate();
                if (many[i] != null) {
                    many[i].length(60);
                }
            }
            long available = java.util.Arrays.stream(many).filter(java.util.Objects::nonNull).count();
            assertThat(available).isEqualTo(PACKETS - 255);
            assertThat(a.transmit(many, 0, 257)).isEqualTo(255);
        }
    }

    @Test
    void poolRunsOutAndRecovers() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            List<Packet> held = new ArrayList<>();
            for (Packet packet = b.allocate(); packet != null; packet = b.allocate()) {
                held.add(packet);
            }
            assertThat(held).hasSize(PACKETS - 255);
            // What is posted still arrives; then the ring is empty and nothing is lost in it.
            long number = 0;
            for (; number < 255; number++) {
                send(a, Slot.mac(2), Slot.mac(1), number, 64);
                held.add(receive(b));
            }
            assertThat(held).hasSize(PACKETS);
            assertThat(b.allocate()).isNull();
            send(a, Slot.mac(2), Slot.mac(1), number, 64);
            assertThat(b.awaitReceive(Deadline.afterMillis(20))).isFalse();
            held.forEach(Packet::release);
            Packet late = receive(b);
            Frames.verify(late, Slot.mac(2), Slot.mac(1), number, 64);
            late.release();
        }
    }

    @Test
    void framesForOthersAreNotReceivedAndThoseForEverybodyAre() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            send(a, new MacAddress(0x5254_0000_0099L), Slot.mac(1), 1, 64);
            send(a, new MacAddress(0x0100_5e00_0001L), Slot.mac(1), 2, 64);
            send(a, EVERYBODY, Slot.mac(1), 3, 64);
            Packet packet = receive(b);
            Frames.verify(packet, EVERYBODY, Slot.mac(1), 3, 64);
            packet.release();
        }
    }

    @Test
    void awaitReceiveIsWokenByTheInterrupt() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            for (long number = 0; number < 200; number++) {
                assertThat(b.awaitReceive(Deadline.afterMillis(0))).isFalse();
                long expected = number;
                Thread sender = Thread.ofPlatform().start(() -> send(a, Slot.mac(2), Slot.mac(1), expected, 64));
                assertThat(b.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
                sender.join();
                Packet packet = receive(b);
                Frames.verify(packet, Slot.mac(2), Slot.mac(1), number, 64);
                packet.release();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void framesArriveHoweverTheyAreWaitedFor(Waiting waiting) throws Exception {
        PortQueueOptions options = PortQueueOptions.DEFAULT.withWaiting(waiting);
        try (NicQueue a = left.open();
                NicQueue b = (NicQueue) right.port().openQueue(options)) {
            for (long number = 0; number < 100; number++) {
                assertThat(b.awaitReceive(Deadline.afterMillis(0))).isFalse();
                long expected = number;
                Thread sender = Thread.ofPlatform().start(() -> send(a, Slot.mac(2), Slot.mac(1), expected, 64));
                assertThat(b.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
                sender.join();
                Packet packet = receive(b);
                Frames.verify(packet, Slot.mac(2), Slot.mac(1), number, 64);
                packet.release();
            }
        }
    }

    @Test
    void withoutInterruptsEverythingWorksByLooking() throws Exception {
        try (Slot third = Slot.bound(3, network, false)) {
            NicQueue c = third.open();
            NicQueue a = left.open();
            assertThat(c.awaitReceive(Deadline.afterMillis(5))).isFalse();
            send(a, Slot.mac(3), Slot.mac(1), 7, 64);
            assertThat(c.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
            receive(c).release();
        }
    }

    @Test
    void aQueueIsOpenOnceAndCanBeOpenedAgain() throws Exception {
        NicQueue first = left.open();
        try (NicQueue second = left.open()) {
            assertThat(List.of(first.index(), second.index())).containsExactly(0, 1);
            assertThatThrownBy(left::open).isInstanceOf(IOException.class).hasMessageContaining("open already");
        }
        Packet packet = first.allocate();
        Frames.fill(packet, Slot.mac(2), Slot.mac(1), 1, 64);
        one[0] = packet;
        assertThat(first.transmit(one, 0, 1)).isEqualTo(1);
        first.close();
        first.close();
        assertThat(first.pool().available()).isEqualTo(PACKETS);
        assertThatIllegalStateException().isThrownBy(first::allocate);
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            send(a, Slot.mac(2), Slot.mac(1), 5, 64);
            Packet arrived = receive(b);
            Frames.verify(arrived, Slot.mac(2), Slot.mac(1), 5, 64);
        }
    }

    @Test
    void whatCannotBeSentIsRefusedAndStaysTheCallers() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            Packet foreign = b.allocate();
            foreign.length(60);
            assertThatIllegalArgumentException().isThrownBy(() -> a.transmit(new Packet[] {foreign}, 0, 1));
            Packet small = a.allocate();
            small.length(13);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> a.transmit(new Packet[] {small}, 0, 1))
                    .withMessageContaining("14 to 1518");
            Packet twice = a.allocate();
            Frames.fill(twice, Slot.mac(2), Slot.mac(1), 1, 60);
            assertThat(a.transmit(new Packet[] {twice, twice}, 0, 2)).isEqualTo(1);
            assertThatIllegalStateException().isThrownBy(twice::release);
            small.release();
            assertThatIllegalStateException().isThrownBy(small::release);
            receive(b).release();
        }
    }

    @Test
    void L6_orderlyRemovalLeavesTheDeviceResetAndNothingBehind() throws Exception {
        NicQueue a = left.open();
        Packet packet = a.allocate();
        Frames.fill(packet, Slot.mac(2), Slot.mac(1), 1, 64);
        one[0] = packet;
        assertThat(a.transmit(one, 0, 1)).isEqualTo(1);
        NicPort port = left.port();
        left.remove(RemovalReason.DRIVER_LEFT);
        assertThat(left.inUse()).isFalse();
        assertThatThrownBy(() -> a.receive(one)).isInstanceOf(org.busbar.device.DeviceGoneException.class);
        assertThatThrownBy(port::link).isInstanceOf(org.busbar.device.DeviceGoneException.class);
        assertThatThrownBy(port::openQueue).isInstanceOf(org.busbar.device.DeviceGoneException.class);
        a.close();
        assertThat(a.pool().available()).isEqualTo(PACKETS);
    }

    private void send(NicQueue queue, MacAddress to, MacAddress from, long number, int length) {
        Packet packet = queue.allocate();
        assertThat(packet).isNotNull();
        Frames.fill(packet, to, from, number, length);
        assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
    }

    private static Packet receive(NicQueue queue) throws InterruptedException {
        Packet[] into = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (queue.receive(into) == 0) {
            assertThat(queue.awaitReceive(deadline)).as("a frame arrives").isTrue();
        }
        return into[0];
    }
}
