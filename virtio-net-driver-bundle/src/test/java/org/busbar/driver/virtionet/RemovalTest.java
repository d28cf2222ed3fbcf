package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.Card;
import org.busbar.emulator.Fault;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.LinkState;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Cards that go, come back, lose their link or do not start. */
@Timeout(120)
final class RemovalTest {

    private static final int PACKETS = Settings.PACKETS;
    private static final Settings SETTINGS = Settings.of(true, true);

    private final NetworkSwitch network = new NetworkSwitch();

    /** A thread that sends and receives as fast as it can, until the device is gone. */
    private record Pump(Slot slot, VirtioQueue queue, MacAddress to, CountDownLatch running) {

        String run() {
            Packet[] batch = new Packet[16];
            Packet[] arrived = new Packet[32];
            int filled = 0;
            try {
                while (true) {
                    Packet packet;
                    while (filled < batch.length && (packet = queue.allocate()) != null) {
                        Frames.fill(packet, to, slot.port().mac(), filled, 64);
                        batch[filled++] = packet;
                    }
                    int accepted = queue.transmit(batch, 0, filled);
                    System.arraycopy(batch, accepted, batch, 0, filled - accepted);
                    filled -= accepted;
                    int count = queue.receive(arrived);
                    for (int i = 0; i < count; i++) {
                        arrived[i].release();
                        running.countDown();
                    }
                }
            } catch (DeviceGoneException e) {
                // Frames that were not accepted are still ours.
                for (int i = 0; i < filled; i++) {
                    batch[i].release();
                }
                return "gone";
            }
        }
    }

    @RepeatedTest(5)
    void L8_pullDuringTraffic_everyPacketComesBackAndTheOtherCardGoesOn() throws Exception {
        try (var threads = Executors.newCachedThreadPool();
                Slot left = Slot.bound(1, network, SETTINGS);
                Slot right = Slot.bound(2, network, SETTINGS)) {
            CountDownLatch running = new CountDownLatch(2_000);
            VirtioQueue a = left.open();
            VirtioQueue b = right.open();
            Future<String> leftPump = threads.submit(new Pump(left, a, Slot.mac(2), running)::run);
            Future<String> rightPump = threads.submit(new Pump(right, b, Slot.mac(1), running)::run);
            assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();

            right.pull();
            right.removeSurprised();

            assertThat(rightPump.get(20, TimeUnit.SECONDS)).isEqualTo("gone");
            assertThat(b.pool().available()).isEqualTo(PACKETS);
            b.close();
            assertThat(leftPump.isDone()).isFalse();

            try (Slot again = Slot.bound(2, network, SETTINGS)) {
                VirtioQueue c = again.open();
                assertThat(c.awaitReceive(Deadline.afterMillis(20_000))).isTrue();
                again.remove(RemovalReason.EJECT);
            }
            left.remove(RemovalReason.EJECT);
            assertThat(leftPump.get(20, TimeUnit.SECONDS)).isEqualTo("gone");
            assertThat(a.pool().available()).isEqualTo(PACKETS);
            assertThat(left.iommuFaults()).isEmpty();
            assertThat(right.iommuFaults()).isEmpty();
        }
    }

    @Test
    void L8_whoeverPollsAPulledCardMakesItKnown() throws Exception {
        try (Slot slot = Slot.bound(1, network, SETTINGS)) {
            VirtioQueue queue = slot.open();
            Packet[] into = new Packet[4];
            slot.pull();
            while (slot.looks() == 0) {
                assertThat(queue.receive(into)).isZero();
            }
            slot.removeSurprised();
            assertThatThrownBy(() -> queue.receive(into)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> queue.transmit(into, 0, 0)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(queue::allocate).isInstanceOf(DeviceGoneException.class);
            queue.close();
        }
    }

    @Test
    void L8_whoeverWaitsForFramesIsWokenWhenTheCardGoes() throws Exception {
        try (var threads = Executors.newCachedThreadPool();
                Slot slot = Slot.bound(1, network, SETTINGS)) {
            VirtioQueue queue = slot.open();
            Future<?> waiter = threads.submit(() -> queue.awaitReceive(Deadline.afterMillis(60_000)));
            slot.pull();
            slot.removeSurprised();
            assertThatThrownBy(() -> waiter.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(DeviceGoneException.class);
        }
    }

    @Test
    void packetsTheCallerHasComeBackWhenItReleasesThem() throws Exception {
        try (Slot slot = Slot.bound(1, network, SETTINGS)) {
            VirtioQueue queue = slot.open();
            List<Packet> held = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                held.add(queue.allocate());
            }
            slot.pull();
            slot.removeSurprised();
            assertThatThrownBy(queue::allocate).isInstanceOf(DeviceGoneException.class);
            assertThat(queue.pool().available()).isEqualTo(PACKETS - 10);
            held.forEach(Packet::release);
            assertThat(queue.pool().available()).isEqualTo(PACKETS);
        }
    }

    @Test
    void listenersHearOfTheLinkUntilTheyLeave() throws Exception {
        try (Slot slot = Slot.bound(1, network, SETTINGS)) {
            BlockingQueue<LinkState> heard = new LinkedBlockingQueue<>();
            AutoCloseable registration = slot.port().onLinkChange(heard::add);
            slot.faults(new Fault.LinkDown());
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(LinkState.DOWN);
            assertThat(slot.port().link()).isEqualTo(LinkState.DOWN);
            slot.faults();
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(new LinkState(true, 10_000, true));
            BlockingQueue<LinkState> other = new LinkedBlockingQueue<>();
            slot.port().onLinkChange(state -> {
                throw new IllegalStateException("a listener that fails");
            });
            slot.port().onLinkChange(other::add);
            registration.close();
            slot.faults(new Fault.LinkDown());
            assertThat(other.poll(20, TimeUnit.SECONDS)).isEqualTo(LinkState.DOWN);
            assertThat(heard).isEmpty();
            slot.remove(RemovalReason.UNBIND);
        }
    }

    @Test
    void withoutInterruptsTheLinkIsLookedAt() throws Exception {
        try (Slot slot = Slot.bound(1, network, SETTINGS.polled())) {
            BlockingQueue<LinkState> heard = new LinkedBlockingQueue<>();
            slot.port().onLinkChange(heard::add);
            slot.faults(new Fault.LinkDown());
            assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(LinkState.DOWN);
            slot.remove(RemovalReason.UNBIND);
        }
    }

    @Test
    void L5_aResetThatHangsFailsTheProbeInTime() {
        try (Slot slot = new Slot(1, network, new Card.VirtioNet(Slot.mac(1)))) {
            slot.begin();
            slot.faults(new Fault.StuckReset());
            assertThatThrownBy(() -> slot.probe(SETTINGS))
                    .isInstanceOf(ProbeException.class)
                    .hasMessageContaining("step RESET")
                    .hasMessageContaining("device_status");
        }
    }

    @Test
    void aCardWithoutAStationsAddressIsRefused() {
        try (Slot slot = new Slot(1, network, new Card.VirtioNet(new MacAddress(0x0100_0000_0000L)))) {
            assertThatThrownBy(() -> slot.probe(SETTINGS))
                    .isInstanceOf(ProbeException.class)
                    .hasMessageContaining("no station's address");
        }
    }

    @Test
    void L8_aCardThatGoesBeforeItsProbeIsReportedAsGone() {
        try (Slot slot = new Slot(1, network, new Card.VirtioNet(Slot.mac(1)))) {
            slot.cutOff();
            assertThatThrownBy(() -> slot.probe(SETTINGS)).isInstanceOf(ProbeException.class);
        }
    }
}
