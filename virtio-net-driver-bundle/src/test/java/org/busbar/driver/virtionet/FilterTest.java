package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.busbar.device.Deadline;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.net.NetworkSwitch;
import org.busbar.net.MacAddress;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the control virtqueue sets: filters, the address, queue pairs. */
@Timeout(120)
final class FilterTest {

    private static final MacAddress OTHER = new MacAddress(0x5254_0000_0099L);
    private static final MacAddress GROUP = new MacAddress(0x0100_5e00_0001L);
    private static final MacAddress OTHER_GROUP = new MacAddress(0x0100_5e00_0002L);
    private static final int END = 1_000_000;

    private final NetworkSwitch network = new NetworkSwitch();
    private final Peer peer = new Peer(network);
    private final List<Slot> slots = new ArrayList<>();

    private Slot slot(Card.VirtioNet card, Settings settings) throws Exception {
        Slot slot = Slot.bound(1, network, card, settings);
        slots.add(slot);
        return slot;
    }

    private Slot slot() throws Exception {
        return slot(new Card.VirtioNet(Slot.mac(1)), Settings.of(true, true));
    }

    @AfterEach
    void noAccessOutsideMappings() {
        for (Slot slot : slots) {
            slot.close();
            assertThat(slot.iommuFaults()).isEmpty();
            assertThat(slot.context().failures()).isEmpty();
        }
    }

    /** Sends a frame to each, numbered from 0, and returns the numbers that were received. */
    private List<Integer> received(VirtioQueue queue, MacAddress... to) throws Exception {
        for (int i = 0; i < to.length; i++) {
            peer.send(to[i], Peer.MAC, i, 60);
        }
        return untilEnd(queue);
    }

    private List<Integer> untilEnd(VirtioQueue queue) throws Exception {
        peer.send(Peer.EVERYBODY, Peer.MAC, END, 60);
        List<Integer> numbers = new ArrayList<>();
        while (true) {
            Packet packet = Slot.receive(queue);
            boolean tagged = packet.data().get(Peer.SHORT, 12) == (short) 0x8100;
            int number = packet.data().get(Peer.INT, tagged ? 18 : 14);
            packet.release();
            if (number == END) {
                return numbers;
            }
            numbers.add(number);
        }
    }

    @Test
    void promiscuousReceivesForAllAndOnlyWhileOn() throws Exception {
        Slot slot = slot();
        try (VirtioQueue queue = slot.open()) {
            MacAddress[] to = {Slot.mac(1), OTHER, GROUP};
            assertThat(received(queue, to)).containsExactly(0);
            slot.port().promiscuous(true);
            assertThat(received(queue, to)).containsExactly(0, 1, 2);
            slot.port().promiscuous(false);
            assertThat(received(queue, to)).containsExactly(0);
        }
    }

    @Test
    void allMulticastAndChosenGroups() throws Exception {
        Slot slot = slot();
        try (VirtioQueue queue = slot.open()) {
            MacAddress[] to = {OTHER, GROUP, OTHER_GROUP};
            slot.port().allMulticast(true);
            assertThat(received(queue, to)).containsExactly(1, 2);
            slot.port().allMulticast(false);
            slot.port().multicast(List.of(OTHER_GROUP));
            assertThat(received(queue, to)).containsExactly(2);
            slot.port().multicast(List.of());
            assertThat(received(queue, to)).isEmpty();
            assertThatIllegalArgumentException().isThrownBy(() -> slot.port().multicast(List.of(OTHER)));
        }
    }

    @Test
    void moreGroupsThanTheDeviceTakesAreRefusedWithItsAnswer() throws Exception {
        Slot slot = slot();
        List<MacAddress> groups = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            groups.add(new MacAddress(GROUP.value() + i));
        }
        assertThatThrownBy(() -> slot.port().multicast(groups)).hasMessageContaining("the device refuses");
        slot.port().promiscuous(true);
    }

    @Test
    void vlansAreFilteredIfConfiguredAndOtherwiseAllPass() throws Exception {
        try (VirtioQueue queue = slot().open()) {
            peer.send(Slot.mac(1), Peer.MAC, 7, 0, 64);
            assertThat(untilEnd(queue)).containsExactly(0);
        }
        slots.removeFirst().close();
        Slot slot = slot(new Card.VirtioNet(Slot.mac(1)), Settings.of(true, true).vlans());
        assertThat(slot.port().features()).contains(PortFeature.VLAN_FILTER);
        try (VirtioQueue queue = slot.open()) {
            peer.send(Slot.mac(1), Peer.MAC, 7, 0, 64);
            assertThat(untilEnd(queue)).isEmpty();
            slot.port().vlan(7, true);
            peer.send(Slot.mac(1), Peer.MAC, 7, 1, 64);
            peer.send(Slot.mac(1), Peer.MAC, 8, 2, 64);
            assertThat(untilEnd(queue)).containsExactly(1);
            slot.port().vlan(7, false);
            peer.send(Slot.mac(1), Peer.MAC, 7, 3, 64);
            assertThat(untilEnd(queue)).isEmpty();
        }
    }

    @Test
    void theAddressCanBeChangedUntilTheBindingEnds() throws Exception {
        Slot slot = slot();
        try (VirtioQueue queue = slot.open()) {
            slot.port().changeMac(OTHER);
            assertThat(slot.port().mac()).isEqualTo(OTHER);
            assertThat(received(queue, Slot.mac(1), OTHER)).containsExactly(1);
            assertThatIllegalArgumentException().isThrownBy(() -> slot.port().changeMac(GROUP));
        }
    }

    @Test
    void whatTheDeviceLacksIsRefusedByName() throws Exception {
        Slot slot = slot();
        assertThat(slot.port().features()).doesNotContain(PortFeature.VLAN_FILTER);
        assertThatThrownBy(() -> slot.port().vlan(1, true))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("CTRL_VLAN");
    }

    @Test
    void flowsAreSpreadOverTheQueuesThatAreOpenAndEachStaysInOne() throws Exception {
        Slot slot =
                slot(new Card.VirtioNet(Slot.mac(1), 4, 1500), Settings.of(true, true).pairs(4).withoutHashSpread());
        assertThat(slot.port().queues()).isEqualTo(4);
        List<VirtioQueue> queues = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            queues.add(slot.open());
        }
        assertThat(queuesOfFlows(queues)).hasSize(4);
        queues.removeLast().close();
        queues.removeLast().close();
        assertThat(queuesOfFlows(queues)).hasSizeBetween(1, 2);
        queues.removeLast().close();
        assertThat(queuesOfFlows(queues)).hasSize(1);
        queues.removeLast().close();
    }

    /** Sends frames of 64 flows, twice each, and returns the queues that received some. */
    private Set<Integer> queuesOfFlows(List<VirtioQueue> queues) {
        int flows = 64;
        for (int i = 0; i < 2 * flows; i++) {
            peer.send(Slot.mac(1), new MacAddress(Peer.MAC.value() + (i % flows << 8)), i % flows, 60);
        }
        Map<Integer, Integer> queueOfFlow = new HashMap<>();
        Packet[] into = new Packet[8];
        Deadline deadline = Deadline.afterMillis(20_000);
        for (int arrived = 0; arrived < 2 * flows;) {
            assertThat(deadline.expired()).as("%d frames arrived", arrived).isFalse();
            for (int i = 0; i < queues.size(); i++) {
                int count = queues.get(i).receive(into);
                arrived += count;
                for (int k = 0; k < count; k++) {
                    Integer before = queueOfFlow.put(into[k].data().get(Peer.INT, 14), i);
                    assertThat(before == null || before == i).as("one flow in two queues").isTrue();
                    into[k].release();
                }
            }
        }
        return new HashSet<>(queueOfFlow.values());
    }
}
