package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.DescriptorStatus;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Queues that stop and start, devices that are reset, and what is told of descriptors and counted. */
@Timeout(120)
final class RestartTest {

    private static final MacAddress GROUP = new MacAddress(0x0100_5e00_0001L);
    private static final MacAddress NEW = new MacAddress(0x5254_0000_0077L);
    private static final int ENTRIES = 256;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private Slot slot;

    private VirtioQueue open(Settings settings) throws Exception {
        slot = Slot.bound(1, network, new Card.VirtioNet(Slot.mac(1)), settings);
        return slot.open();
    }

    @AfterEach
    void noAccessOutsideMappings() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
        assertThat(slot.context().failures()).isEmpty();
    }

    private void exchange(VirtioQueue queue, MacAddress mac) throws InterruptedException {
        for (int number = 0; number < 300; number++) {
            peer.send(mac, Peer.MAC, number, 100);
            Packet packet = Slot.receive(queue);
            assertThat(packet.data().get(Peer.INT, 14)).isEqualTo(number);
            packet.release();
            Slot.send(queue, Peer.MAC, mac, number, 100);
            assertThat(peer.receive(1).getFirst().byteSize()).isEqualTo(100);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aQueueStopsAndStartsAndLosesNoPacket(boolean packed) throws Exception {
        VirtioQueue queue = open(Settings.of(packed, true));
        assertThat(slot.port().features()).contains(PortFeature.QUEUE_RESTART);
        for (int round = 0; round < 10; round++) {
            exchange(queue, Slot.mac(1));
            queue.stop();
            queue.stop();
            peer.send(Slot.mac(1), Peer.MAC, 999, 60);
            assertThat(queue.receive(new Packet[1])).isZero();
            Packet packet = queue.allocate();
            packet.length(60);
            assertThat(queue.transmit(new Packet[] {packet}, 0, 1)).isZero();
            packet.release();
            queue.start();
            queue.start();
            discard(queue);
        }
        queue.stop();
        queue.close();
        assertThat(queue.pool().available()).isEqualTo(Settings.PACKETS);
    }

    /** A frame for a queue that does not run may wait in the device until it does. */
    private void discard(VirtioQueue queue) throws InterruptedException {
        peer.send(Slot.mac(1), Peer.MAC, -1, 60);
        for (int number = 0; number != -1;) {
            Packet packet = Slot.receive(queue);
            number = packet.data().get(Peer.INT, 14);
            packet.release();
        }
    }

    @Test
    void withoutQueueResetNoQueueStopsAndThePortSaysSo() throws Exception {
        VirtioQueue queue = open(Settings.of(true, true).withoutQueueReset());
        assertThat(slot.port().features()).doesNotContain(PortFeature.QUEUE_RESTART);
        assertThatThrownBy(queue::stop)
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("RING_RESET");
        exchange(queue, Slot.mac(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResetBringsEverythingBackThatWasChosen(boolean queueReset) throws Exception {
        Settings settings = Settings.of(true, true).vlans();
        VirtioQueue queue = open(queueReset ? settings : settings.withoutQueueReset());
        assertThat(slot.port().features()).contains(PortFeature.RESET);
        slot.port().changeMac(NEW);
        slot.port().multicast(List.of(GROUP));
        slot.port().vlan(7, true);
        for (int round = 0; round < 10; round++) {
            slot.port().reset(Deadline.afterMillis(60_000));
            slot.awaitLink();
            assertThat(slot.port().mac()).isEqualTo(NEW);
            exchange(queue, NEW);
            exchange(queue, GROUP);
            peer.send(Slot.mac(1), Peer.MAC, 1, 60);
            peer.send(NEW, Peer.MAC, 8, 2, 64);
            peer.send(NEW, Peer.MAC, 7, 3, 64);
            Packet tagged = Slot.receive(queue);
            assertThat(tagged.data().get(Peer.INT, 18)).as("neither another address nor another VLAN").isEqualTo(3);
            tagged.release();
        }
        queue.close();
    }

    @Test
    void aQueueThatIsStoppedStaysSoInAReset() throws Exception {
        VirtioQueue queue = open(Settings.of(false, false));
        queue.stop();
        slot.port().reset(Deadline.afterMillis(60_000));
        slot.awaitLink();
        assertThat(queue.receive(new Packet[1])).isZero();
        queue.start();
        discard(queue);
        exchange(queue, Slot.mac(1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void descriptorsTellWhoHasThem(boolean packed) throws Exception {
        VirtioQueue queue = open(Settings.of(packed, true));
        assertThat(slot.port().features()).contains(PortFeature.DESCRIPTOR_STATUS);
        assertThat(queue.receiveStatus(0)).isEqualTo(DescriptorStatus.DEVICE);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> queue.receiveStatus(ENTRIES));
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> queue.transmitStatus(-1));
        peer.send(Slot.mac(1), Peer.MAC, 0, 60);
        await(() -> queue.receiveStatus(0) == DescriptorStatus.DONE);
        peer.send(Slot.mac(1), Peer.MAC, 1, 60);
        await(() -> queue.receiveStatus(1) == DescriptorStatus.DONE);
        assertThat(queue.receiveStatus(2)).isEqualTo(DescriptorStatus.DEVICE);

        assertThat(queue.transmitStatus(0)).isEqualTo(DescriptorStatus.UNUSED);
        assertThat(queue.transmitStatus(ENTRIES - 1)).isEqualTo(DescriptorStatus.UNUSED);
        Slot.send(queue, Peer.MAC, Slot.mac(1), 0, 60);
        await(() -> queue.transmitStatus(ENTRIES - 1) == DescriptorStatus.DONE);
        assertThat(queue.transmitStatus(ENTRIES - 2)).isEqualTo(DescriptorStatus.UNUSED);
    }

    private static void await(BooleanSupplier condition) {
        Deadline deadline = Deadline.afterMillis(60_000);
        while (!condition.getAsBoolean()) {
            assertThat(deadline.expired()).isFalse();
            Thread.onSpinWait();
        }
    }

    @Test
    void bothDirectionsAreCountedPerQueueAndByName() throws Exception {
        VirtioQueue queue = open(Settings.of(true, true));
        assertThat(slot.port().features()).contains(PortFeature.QUEUE_STATISTICS);
        exchange(queue, Slot.mac(1));
        assertThat(slot.port().statistics(0)).isEqualTo(slot.port().statistics());
        assertThat(slot.port().statistics(0).receivedFrames()).isEqualTo(300);
        assertThat(slot.port().statistics(0).sentBytes()).isEqualTo(300 * 100);
        assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> slot.port().statistics(1));
        assertThat(slot.port().counters())
                .containsKeys("interrupts", "receive_notifications")
                .containsEntry("dropped_by_driver", 0L)
                .containsEntry("checksums_filled_in_by_driver", 0L)
                .hasEntrySatisfying("transmit_notifications", count -> assertThat(count).isPositive());
    }
}
