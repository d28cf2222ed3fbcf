package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.busbar.device.Deadline;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose frames are received: addresses and groups. */
@Timeout(120)
final class FilterTest {

    private static final MacAddress STRANGER = new MacAddress(0x5254_0000_0099L);
    private static final MacAddress GROUP = new MacAddress(0x0100_5e00_00fbL);
    private static final MacAddress OTHER_GROUP = new MacAddress(0x0100_5e01_0203L);

    private final NetworkSwitch network = new NetworkSwitch();
    private Slot left;
    private Slot right;
    private long number;

    @BeforeEach
    void bind() throws Exception {
        left = Slot.bound(1, network, true);
        right = Slot.bound(2, network, true);
    }

    @AfterEach
    void takeOut() {
        left.close();
        right.close();
        assertThat(left.iommuFaults()).isEmpty();
        assertThat(right.iommuFaults()).isEmpty();
        assertThat(right.context().failures()).isEmpty();
    }

    @Test
    void promiscuousReceivesForAllAndOnlyWhileOn() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            assertThat(arrives(a, b, STRANGER)).isFalse();
            right.port().promiscuous(true);
            assertThat(arrives(a, b, STRANGER)).isTrue();
            assertThat(arrives(a, b, GROUP)).isTrue();
            right.port().promiscuous(false);
            assertThat(arrives(a, b, STRANGER)).isFalse();
        }
    }

    @Test
    void allMulticastAndChosenGroups() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            assertThat(arrives(a, b, GROUP)).isFalse();
            right.port().allMulticast(true);
            assertThat(arrives(a, b, GROUP)).isTrue();
            assertThat(arrives(a, b, STRANGER)).isFalse();
            right.port().allMulticast(false);
            right.port().multicast(List.of(GROUP));
            assertThat(arrives(a, b, GROUP)).isTrue();
            assertThat(arrives(a, b, OTHER_GROUP)).isFalse();
            right.port().multicast(List.of(OTHER_GROUP));
            assertThat(arrives(a, b, GROUP)).isFalse();
            assertThat(arrives(a, b, OTHER_GROUP)).isTrue();
        }
    }

    @Test
    void theAddressCanBeChangedUntilTheBindingEnds() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            right.port().changeMac(STRANGER);
            assertThat(right.port().mac()).isEqualTo(STRANGER);
            assertThat(arrives(a, b, STRANGER)).isTrue();
            assertThat(arrives(a, b, Slot.mac(2))).isFalse();
        }
        right.remove(RemovalReason.UNBIND);
        try (Slot again = Slot.bound(2, network, true)) {
            assertThat(again.port().mac()).isEqualTo(Slot.mac(2));
        }
    }

    @Test
    void hardwareCountersAreAddedUpByTheirNames() throws Exception {
        try (NicQueue a = left.open();
                NicQueue b = right.open()) {
            for (int i = 0; i < 3; i++) {
                assertThat(arrives(a, b, Slot.mac(2))).isTrue();
            }
            right.port().multicast(List.of(GROUP));
            assertThat(arrives(a, b, GROUP)).isTrue();
            // A frame is counted once it has left, which may be after it has arrived.
            Deadline deadline = Deadline.afterMillis(20_000);
            while (left.port().counters().get("good_packets_transmitted_count") != 2 * number) {
                assertThat(deadline.expired()).as("%d frames are counted", 2 * number).isFalse();
            }
            Map<String, Long> received = right.port().counters();
            assertThat(received)
                    .containsEntry("good_packets_received_count", 8L)
                    .containsEntry("multicast_packets_received_count", 1L)
                    .containsEntry("good_octets_received_count", 8L * 68);
            assertThat(right.port().counters()).containsEntry("good_packets_received_count", 8L);
        }
    }

    /** Sends a frame to an address, then one to everybody that shows that it would have arrived. */
    private boolean arrives(NicQueue from, NicQueue to, MacAddress destination) throws InterruptedException {
        send(from, destination, ++number);
        send(from, new MacAddress(0xffff_ffff_ffffL), -number);
        boolean seen = false;
        while (true) {
            Packet packet = receive(to);
            long got = Frames.number(packet);
            packet.release();
            if (got == -number) {
                return seen;
            }
            assertThat(got).isEqualTo(number);
            seen = true;
        }
    }

    private static void send(NicQueue queue, MacAddress to, long number) {
        Packet packet = queue.allocate();
        Frames.fill(packet, to, Slot.mac(1), number, 64);
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
