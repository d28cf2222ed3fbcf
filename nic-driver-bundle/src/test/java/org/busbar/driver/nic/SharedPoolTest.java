package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.Packet;
import org.busbar.net.PacketPool;
import org.busbar.net.PortFeature;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A port with the packets of an application. */
@Timeout(120)
final class SharedPoolTest {

    private static final int PACKETS = 1024;

    private final NetworkSwitch network = new NetworkSwitch();
    private final PacketPool pool;

    SharedPoolTest() throws IOException {
        pool = new PacketPoolService().create(PACKETS, 2048);
    }

    private static Packet receive(NicQueue queue) throws InterruptedException {
        Packet[] into = new Packet[1];
        Deadline deadline = Deadline.afterMillis(20_000);
        while (queue.receive(into) == 0) {
            assertThat(queue.awaitReceive(deadline)).as("a frame arrives").isTrue();
        }
        return into[0];
    }

    @Test
    void whatOnePortReceivesAnotherSendsWithoutACopy() throws Exception {
        try (Slot source = Slot.bound(1, network, true);
                Slot middle = Slot.bound(2, network, true);
                Slot onward = Slot.bound(3, network, true);
                Slot sink = Slot.bound(4, network, true)) {
            assertThat(middle.port().features()).contains(PortFeature.SHARED_POOL);
            try (NicQueue from = source.open();
                    NicQueue in = middle.open(pool);
                    NicQueue out = onward.open(pool);
                    NicQueue to = sink.open()) {
                for (long number = 0; number < 3_000; number++) {
                    Packet packet = from.allocate();
                    Frames.fill(packet, Slot.mac(2), Slot.mac(1), number, 64);
                    assertThat(from.transmit(new Packet[] {packet}, 0, 1)).isEqualTo(1);
                    Packet between = receive(in);
                    Frames.fill(between, Slot.mac(4), Slot.mac(3), number, 64);
                    assertThat(out.transmit(new Packet[] {between}, 0, 1)).isEqualTo(1);
                    assertThatIllegalStateException().isThrownBy(between::release);
                    Packet arrived = receive(to);
                    Frames.verify(arrived, Slot.mac(4), Slot.mac(3), number, 64);
                    arrived.release();
                }
                assertThatIllegalStateException().isThrownBy(pool::close).withMessageContaining("2 queues");
            }
            assertThat(pool.available()).isEqualTo(PACKETS);
            for (Slot slot : List.of(source, middle, onward, sink)) {
                assertThat(slot.iommuFaults()).isEmpty();
                assertThat(slot.context().failures()).isEmpty();
            }
        }
        pool.close();
    }

    @RepeatedTest(5)
    void L8_pullDuringTraffic_everyPacketComesBackToThePoolAndTheOtherPortGoesOn() throws Exception {
        try (var threads = Executors.newCachedThreadPool();
                Slot left = Slot.bound(1, network, true);
                Slot right = Slot.bound(2, network, true)) {
            NicQueue a = left.open(pool);
            NicQueue b = right.open(pool);
            Future<?> echo = threads.submit(() -> echo(b));
            Packet[] into = new Packet[16];
            int back = 0;
            while (back < 2_000) {
                Packet packet = a.allocate();
                if (packet != null) {
                    Frames.fill(packet, Slot.mac(2), Slot.mac(1), back, 64);
                    into[0] = packet;
                    if (a.transmit(into, 0, 1) == 0) {
                        packet.release();
                    }
                }
                back += drop(into, a.receive(into));
            }
            List<Packet> held = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Packet packet = pool.allocate();
                if (packet != null) {
                    held.add(packet);
                }
            }

            right.pull();
            right.removeSurprised();

            assertThatThrownBy(() -> echo.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(DeviceGoneException.class);
            b.close();
            assertThat(left.port().link().up()).isTrue();
            drop(into, a.receive(into));
            held.forEach(Packet::release);
            left.remove(RemovalReason.EJECT);
            assertThatThrownBy(() -> a.receive(into)).isInstanceOf(DeviceGoneException.class);
            a.close();
            assertThat(pool.available()).isEqualTo(PACKETS);
            assertThat(left.iommuFaults()).isEmpty();
            assertThat(right.iommuFaults()).isEmpty();
        }
        pool.close();
    }

    /** Sends frames back until the device is gone, and gives up those that do not fit. */
    private static Void echo(NicQueue queue) {
        Packet[] batch = new Packet[32];
        while (true) {
            int count = queue.receive(batch);
            for (int i = 0; i < count; i++) {
                Frames.fill(batch[i], Slot.mac(1), Slot.mac(2), i, 64);
            }
            int sent = 0;
            try {
                sent = count == 0 ? 0 : queue.transmit(batch, 0, count);
            } finally {
                for (int i = sent; i < count; i++) {
                    batch[i].release();
                }
            }
        }
    }

    private static int drop(Packet[] packets, int count) {
        for (int i = 0; i < count; i++) {
            packets[i].release();
        }
        return count;
    }

    /** A device that is still at work may write into what it has until the host has taken its access away. */
    @Test
    void L6_packetsOfADeviceThatIsGivenUpComeBackWhenItCannotReachThemAnyMore() throws Exception {
        try (Slot slot = Slot.bound(1, network, true)) {
            NicQueue queue = slot.open(pool);
            Packet held = queue.allocate();
            slot.context().revoke();
            assertThatThrownBy(queue::allocate).isInstanceOf(DeviceGoneException.class);
            queue.close();
            assertThat(pool.available()).as("what the device had").isLessThan(PACKETS - 1);
            pool.close();
            slot.context().release();
            assertThat(pool.available()).isEqualTo(PACKETS - 1);
            held.data().fill((byte) 1);
            held.release();
            assertThatIllegalStateException().isThrownBy(() -> held.data().fill((byte) 1))
                    .withMessageContaining("closed");
        }
    }

    @Test
    void L6_aQueueThatIsNotClosedGivesItsPacketsBackOnceItsOwnerHasSeenThatTheDeviceIsGone() throws Exception {
        try (Slot slot = Slot.bound(1, network, true)) {
            NicQueue queue = slot.open(pool);
            slot.remove(RemovalReason.DRIVER_LEFT);
            assertThat(pool.available()).isLessThan(PACKETS);
            assertThatThrownBy(() -> queue.receive(new Packet[1])).isInstanceOf(DeviceGoneException.class);
            assertThat(pool.available()).isEqualTo(PACKETS);
            pool.close();
        }
    }

    @Test
    void poolsThatDoNotFitAreRefused() throws Exception {
        try (Slot slot = Slot.bound(1, network, true)) {
            PacketPool tiny = new PacketPoolService().create(16, 64);
            assertThatThrownBy(() -> slot.open(tiny)).isInstanceOf(IOException.class)
                    .hasMessageContaining("up to 256 bytes");
            tiny.close();
            PacketPool small = new PacketPoolService().create(600, 1536);
            try (NicQueue queue = slot.open(pool)) {
                assertThatThrownBy(() -> slot.open(small))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("up to 2048 bytes")
                        .hasMessageContaining("hold 1536");
                small.close();
                Packet own = pool.allocate();
                own.length(60);
                assertThat(queue.transmit(new Packet[] {own}, 0, 1)).isEqualTo(1);
                Packet asking = queue.allocate();
                asking.length(60);
                asking.requestVlan(5);
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> queue.transmit(new Packet[] {asking}, 0, 1))
                        .withMessageContaining("stripping");
                asking.release();
            }
            assertThat(pool.available()).isEqualTo(PACKETS);
        }
    }
}
