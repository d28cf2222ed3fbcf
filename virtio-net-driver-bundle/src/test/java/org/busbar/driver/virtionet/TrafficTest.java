package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.busbar.driver.virtionet.Slot.receive;
import static org.busbar.driver.virtionet.Slot.send;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Two devices on a switch, each with its driver, in every format of a virtqueue. */
@ParameterizedClass(name = "packed {0}, event index {1}")
@CsvSource({"false,false", "false,true", "true,false", "true,true"})
@Timeout(120)
final class TrafficTest {

    private static final MacAddress EVERYBODY = new MacAddress(0xffff_ffff_ffffL);
    private static final int POSTED = 256;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Packet[] one = new Packet[1];
    private final Settings settings;
    private Slot left;
    private Slot right;

    TrafficTest(boolean packed, boolean eventIndex) {
        settings = Settings.of(packed, eventIndex);
    }

    @BeforeEach
    void bind() throws Exception {
        left = Slot.bound(1, network, settings);
        right = Slot.bound(2, network, settings);
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
        assertThat(left.port().link().megabitsPerSecond()).isEqualTo(10_000);
        assertThat(left.port().link().fullDuplex()).isTrue();
        assertThat(left.port().queues()).isEqualTo(1);
        assertThat(left.context().properties().getFirst().get(NetworkPort.MAC)).isEqualTo("52:54:00:00:00:01");
    }

    @Test
    void framesGoThereAndBack() throws Exception {
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
            for (int length : new int[] {14 + 8, 60, 1514}) {
                for (long number = 0; number < 2_000; number++) {
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
            }
            long bytes = 2_000L * (22 + 60 + 1514);
            assertThat(left.port().statistics()).isEqualTo(new PortStatistics(6_000, bytes, 6_000, bytes, 0, 0));
        }
    }

    @Test
    void batchesWrapTheRingsInOrder() throws Exception {
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
            Packet[] batch = new Packet[37];
            Packet[] arrived = new Packet[64];
            long sent = 0;
            long expected = 0;
            while (expected < 20_000) {
                // No more under way than the receiver has buffers: this is about order, not about loss.
                int filled = 0;
                while (filled < batch.length && sent + filled < Math.min(20_000, expected + POSTED / 2)) {
                    Packet packet = a.allocate();
                    if (packet == null) {
                        break;
                    }
                    Frames.fill(packet, Slot.mac(2), Slot.mac(1), sent + filled, 64);
                    batch[filled++] = packet;
                }
                int accepted = filled == 0 ? 0 : a.transmit(batch, 0, filled);
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
    void poolRunsOutAndRecovers() throws Exception {
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
            List<Packet> held = new ArrayList<>();
            for (Packet packet = b.allocate(); packet != null; packet = b.allocate()) {
                held.add(packet);
            }
            assertThat(held).hasSize(Settings.PACKETS - POSTED);
            // What is posted still arrives; then the ring is empty.
            long number = 0;
            for (; number < POSTED; number++) {
                send(a, Slot.mac(2), Slot.mac(1), number, 64);
                held.add(receive(b));
            }
            assertThat(b.allocate()).isNull();
            send(a, Slot.mac(2), Slot.mac(1), number, 64);
            assertThat(b.awaitReceive(Deadline.afterMillis(20))).isFalse();
            held.forEach(Packet::release);
            assertThat(b.awaitReceive(Deadline.afterMillis(0))).as("posts what came back").isFalse();
            send(a, Slot.mac(2), Slot.mac(1), ++number, 64);
            Packet late = receive(b);
            Frames.verify(late, Slot.mac(2), Slot.mac(1), number, 64);
            late.release();
        }
    }

    @Test
    void ringsThatAreSmallerThanABatchDoNotRunDry() throws Exception {
        try (Slot third = Slot.bound(3, network, settings.rings(16));
                VirtioQueue a = left.open();
                VirtioQueue c = third.open()) {
            Packet[] into = new Packet[64];
            long expected = 0;
            for (long number = 0; number < 400; number++) {
                send(a, Slot.mac(3), Slot.mac(1), number, 64);
                if (number % 8 == 7) {
                    while (expected <= number) {
                        assertThat(c.awaitReceive(Deadline.afterMillis(20_000))).as("frame %d", expected).isTrue();
                        int count = c.receive(into);
                        for (int i = 0; i < count; i++) {
                            Frames.verify(into[i], Slot.mac(3), Slot.mac(1), expected++, 64);
                            into[i].release();
                        }
                    }
                }
            }
        }
    }

    @Test
    void framesForOthersAreNotReceivedAndThoseForEverybodyAre() throws Exception {
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
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
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
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

    @ParameterizedTest
    @EnumSource
    void framesArriveHoweverTheyAreWaitedFor(Waiting waiting) throws Exception {
        PortQueueOptions options = PortQueueOptions.DEFAULT.withWaiting(waiting);
        try (VirtioQueue a = left.open();
                VirtioQueue b = (VirtioQueue) right.port().openQueue(options)) {
            for (long number = 0; number < 50; number++) {
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
        try (Slot third = Slot.bound(3, network, settings.polled())) {
            VirtioQueue c = third.open();
            VirtioQueue a = left.open();
            assertThat(c.awaitReceive(Deadline.afterMillis(5))).isFalse();
            send(a, Slot.mac(3), Slot.mac(1), 7, 64);
            assertThat(c.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
            receive(c).release();
        }
    }

    @Test
    void aQueueIsOpenOnceAndCanBeOpenedAgain() throws Exception {
        VirtioQueue first = left.open();
        assertThatThrownBy(left::open).isInstanceOf(IOException.class).hasMessageContaining("open already");
        send(first, Slot.mac(9), Slot.mac(1), 1, 64);
        first.close();
        first.close();
        assertThat(first.pool().available()).isEqualTo(Settings.PACKETS);
        assertThatIllegalStateException().isThrownBy(first::allocate);
        for (long number = 0; number < 5; number++) {
            try (VirtioQueue a = left.open();
                    VirtioQueue b = right.open()) {
                send(a, Slot.mac(2), Slot.mac(1), number, 64);
                Packet arrived = receive(b);
                Frames.verify(arrived, Slot.mac(2), Slot.mac(1), number, 64);
                arrived.release();
            }
            assertThat(first.pool().available()).isEqualTo(Settings.PACKETS);
        }
    }

    @Test
    void framesThatComeWhileNobodyListensCostNoPacket() throws Exception {
        framesComeWhileNobodyListens(right, 2);
    }

    @Test
    void framesThatComeWhileNobodyListensCostNoPacketWhereTheRingKeepsItsBuffers() throws Exception {
        try (Slot third = Slot.bound(3, network, settings.withoutQueueReset())) {
            framesComeWhileNobodyListens(third, 3);
            assertThat(third.iommuFaults()).isEmpty();
            assertThat(third.context().failures()).isEmpty();
        }
    }

    private void framesComeWhileNobodyListens(Slot slot, int mac) throws Exception {
        slot.open().close();
        try (VirtioQueue a = left.open()) {
            for (long number = 0; number < 300; number++) {
                Packet packet = a.allocate();
                for (Deadline deadline = Deadline.afterMillis(20_000); packet == null; packet = a.allocate()) {
                    assertThat(deadline.expired()).as("no frame leaves").isFalse();
                }
                one[0] = packet;
                Frames.fill(one[0], Slot.mac(mac), Slot.mac(1), number, 64);
                assertThat(a.transmit(one, 0, 1)).isEqualTo(1);
            }
        }
        try (VirtioQueue a = left.open();
                VirtioQueue b = slot.open()) {
            List<Packet> all = new ArrayList<>();
            for (Packet packet = b.allocate(); packet != null; packet = b.allocate()) {
                all.add(packet);
            }
            assertThat(all).hasSize(Settings.PACKETS - POSTED);
            all.forEach(Packet::release);
            // More old ones may have been on their way than the ring has buffers, so that a new one is lost: when no more
            // come it is sent again.
            send(a, Slot.mac(mac), Slot.mac(1), 1_000, 64);
            long number = 0;
            for (Deadline deadline = Deadline.afterMillis(20_000); number < 1_000;) {
                assertThat(deadline.expired()).as("no frame arrives after %d", number).isFalse();
                if (b.awaitReceive(Deadline.afterMillis(10))) {
                    Packet arrived = receive(b);
                    number = Frames.number(arrived);
                    arrived.release();
                } else {
                    send(a, Slot.mac(mac), Slot.mac(1), 1_000, 64);
                }
            }
        }
    }

    @Test
    void whatCannotBeSentIsRefusedAndStaysTheCallers() throws Exception {
        try (VirtioQueue a = left.open();
                VirtioQueue b = right.open()) {
            Packet foreign = b.allocate();
            foreign.length(60);
            assertThatIllegalArgumentException().isThrownBy(() -> a.transmit(new Packet[] {foreign}, 0, 1));
            Packet small = a.allocate();
            small.length(13);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> a.transmit(new Packet[] {small}, 0, 1))
                    .withMessageContaining("14 bytes at least");
            Packet twice = a.allocate();
            Frames.fill(twice, Slot.mac(2), Slot.mac(1), 1, 60);
            assertThat(a.transmit(new Packet[] {twice, twice}, 0, 2)).isEqualTo(1);
            assertThatIllegalStateException().isThrownBy(twice::release);
            small.release();
            assertThatIllegalStateException().isThrownBy(small::release);
            receive(b).release();
            foreign.release();
        }
    }

    @Test
    void L6_orderlyRemovalLeavesTheDeviceResetAndNothingBehind() throws Exception {
        VirtioQueue a = left.open();
        send(a, Slot.mac(2), Slot.mac(1), 1, 64);
        VirtioPort port = left.port();
        left.remove(RemovalReason.DRIVER_LEFT);
        assertThat(left.inUse()).isFalse();
        assertThatThrownBy(() -> a.receive(one)).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(port::link).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(port::openQueue).isInstanceOf(DeviceGoneException.class);
        assertThatThrownBy(() -> port.promiscuous(true)).isInstanceOf(DeviceGoneException.class);
        a.close();
        assertThat(a.pool().available()).isEqualTo(Settings.PACKETS);
    }
}
