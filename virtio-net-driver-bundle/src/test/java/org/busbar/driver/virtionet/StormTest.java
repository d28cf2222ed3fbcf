package org.busbar.driver.virtionet;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.core.internal.net.PacketPoolService;
import org.busbar.driver.nic.NicDriver;
import org.busbar.emulator.Card;
import org.busbar.emulator.internal.nic.NicModel;
import org.busbar.emulator.internal.virtio.VirtioNetModel;
import org.busbar.testkit.net.CardPlace;
import org.busbar.testkit.net.Storm;
import org.busbar.testkit.net.Trouble;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two cards with full traffic between them that passes without a copy, and trouble for either, again and again. */
@Timeout(600)
final class StormTest {

    private static final int ROUNDS = 20;

    private static final CardPlace.Kind INTEL = new CardPlace.Kind(
            "82574L",
            (mac, network) -> new NicModel(new Card.Nic(mac), network),
            () -> new NicDriver(ForwardTest.defaults(), new PacketPoolService()));

    static CardPlace.Kind virtio(boolean packed) {
        return new CardPlace.Kind(
                packed ? "virtio-net (packed)" : "virtio-net (split)",
                (mac, network) -> new VirtioNetModel(new Card.VirtioNet(mac), network),
                () -> new VirtioNetDriver(Settings.of(packed, true), new PacketPoolService()));
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void L8_whateverHappensUnderTrafficEveryPacketComesBackAndFramesPassAgain(Trouble trouble) throws Exception {
        strike(virtio(false), virtio(true), trouble);
    }

    @ParameterizedTest
    @EnumSource(Trouble.class)
    void L8_whateverHappensBetweenPortsOfTwoDriversEveryPacketComesBackAndFramesPassAgain(Trouble trouble)
            throws Exception {
        strike(INTEL, virtio(true), trouble);
    }

    private static void strike(CardPlace.Kind left, CardPlace.Kind right, Trouble trouble) throws Exception {
        Storm storm = new Storm(left, right);
        for (int round = 0; round < ROUNDS; round++) {
            storm.strike(trouble, round % 2 == 0);
        }
        assertThat(storm.passed()).isPositive();
        storm.end();
    }
}
