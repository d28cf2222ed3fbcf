package org.busbar.emulator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.busbar.emulator.Card;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;
import org.busbar.emulator.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The wires of a rack's cards. */
@Timeout(60)
class RackWireTest {

    private final EmulatedRack rack = new EmulatedRack(4);

    @AfterEach
    void close() {
        rack.close();
    }

    @Test
    void aWireBelongsToTheCardAndStaysUntilItIsExchanged() {
        rack.insert(1, Card.parse("e1000:model=82545EM"));
        rack.insert(2, Card.parse("virtio-net"));
        Wire bad = Wire.parse("loss=1% delay=2ms");
        rack.wire(1, bad);
        rack.heal(1);
        assertThat(rack.wire(1)).isEqualTo(bad);
        assertThat(rack.wire(2)).isEqualTo(Wire.PERFECT);
        rack.swap(1, Card.parse("nic"));
        assertThat(rack.wire(1)).as("another card").isEqualTo(Wire.PERFECT);
    }

    @Test
    void aNicMayLieInTheSameWayAboutBothSides() {
        rack.insert(1, Card.parse("e1000"));
        rack.fault(1, new NicFault.GivenBackTwice(Side.RECEIVE, 1));
        rack.fault(1, new NicFault.GivenBackTwice(Side.TRANSMIT, 1));
        rack.fault(1, new NicFault.GivenBackTwice(Side.RECEIVE, 5));
        assertThat(rack.slots().getFirst().faults())
                .containsExactly(
                        new NicFault.GivenBackTwice(Side.TRANSMIT, 1), new NicFault.GivenBackTwice(Side.RECEIVE, 5));
    }

    @Test
    void L5_whatHasNoWireIsRefused() {
        rack.insert(1, Card.parse("nvme:size=1M"));
        assertThatThrownBy(() -> rack.wire(1, Wire.PERFECT)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> rack.wire(2)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> rack.wire(9)).isInstanceOf(IllegalArgumentException.class);
    }
}
