package org.busbar.driver.nic;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.emulator.Card;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.testkit.net.CardPlace;
import org.busbar.testkit.net.Storm;
import org.busbar.testkit.net.Trouble;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An 82574L and an older controller with full traffic between them, and trouble for either, again and again. */
@Timeout(600)
final class StormTest {

    private static final int ROUNDS = 20;

    static CardPlace.Kind kind(NicChip chip) {
        return new CardPlace.Kind(
                chip.toString(),
                (mac, network) -> new NicModel(new Card.Nic(mac, chip), network),
                () -> new NicDriver(Slot.config(true), new PacketPoolService()));
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void L8_whateverHappensUnderTrafficEveryPacketComesBackAndFramesPassAgain(Trouble trouble) throws Exception {
        Storm storm = new Storm(kind(NicChip.I82574L), kind(NicChip.I82540EM));
        for (int round = 0; round < ROUNDS; round++) {
            storm.strike(trouble, round % 2 == 0);
        }
        assertThat(storm.passed()).isPositive();
        storm.end();
    }
}
