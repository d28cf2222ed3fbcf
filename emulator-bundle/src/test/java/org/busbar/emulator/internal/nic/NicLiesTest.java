package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicFault;
import org.busbar.emulator.NicFault.Side;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lies of an Intel controller, and that its own rings stay in order. */
@Timeout(60)
final class NicLiesTest {

    private static final String MAC = Bench.MAC.toString();
    private static final long DONE = 1L << 32;
    private static final long SEND = 1L << 24 | 1L << 25 | 1L << 27;

    private Bench bench;

    @BeforeEach
    void plugIn() throws Exception {
        bench = new Bench();
    }

    @AfterEach
    void pull() {
        assertThat(bench.iommuFaults).as("nothing is written outside").isEmpty();
        bench.close();
    }

    private long arrive(int index) {
        bench.arrive(MAC, 100);
        return bench.awaitReceived(index);
    }

    @Test
    void lengthsAreWrongEachNthTime() {
        bench.faults(new NicFault.WrongLength(Side.RECEIVE, 2, 0xffff));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        assertThat(arrive(0) & 0xffff).isEqualTo(100);
        assertThat(arrive(1) & 0xffff).isEqualTo(0xffff);
        assertThat(arrive(2) & 0xffff).isEqualTo(100);
        bench.faults();
        assertThat(arrive(3) & 0xffff).isEqualTo(100);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void statusIsRandomButDone(boolean extended) {
        bench.write(Reg.RFCTL, extended ? Reg.RFCTL_EXTENDED : 0);
        bench.faults(new NicFault.RandomStatus(Side.RECEIVE, 1, 5));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        int lengthAt = extended ? 32 : 0;
        int different = 0;
        for (int i = 0; i < 5; i++) {
            bench.arrive(MAC, 100);
            long value = extended ? bench.awaitExtended(i) : bench.awaitReceived(i);
            assertThat(value >>> lengthAt & 0xffff).isEqualTo(100);
            different += (value >>> 32 - lengthAt & 0xffff) == 7 ? 0 : 1;
        }
        assertThat(different).isPositive();
    }

    @Test
    void theHeadRegisterLiesAndTheRingGoesOn() {
        bench.faults(new NicFault.WrongIndex(Side.RECEIVE, 1, 40_000));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        arrive(0);
        Bench.await("the lie", () -> bench.read(Reg.RDH) == 40_000);
        arrive(1);
        arrive(2);
        bench.faults();
        arrive(3);
        Bench.await("the truth", () -> bench.read(Reg.RDH) == 4);
    }

    @Test
    void aDescriptorIsDoneThatWasNotGiven() {
        bench.faults(new NicFault.NeverGiven(Side.RECEIVE, 1));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        arrive(0);
        assertThat(bench.awaitReceived(7) & 0xffff).as("that at the tail").isEqualTo(100);
    }

    @Test
    void aDescriptorIsDoneAgainAfterItWasGivenAnew() {
        bench.faults(new NicFault.GivenBackTwice(Side.RECEIVE, 1));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        arrive(0);
        bench.rings.set(ValueLayout.JAVA_LONG, 8, 0);
        arrive(1);
        assertThat(bench.awaitReceived(0) & 0xffff).isEqualTo(100);
    }

    @Test
    void moreDescriptorsAreDoneThanThereAreFrames() {
        bench.faults(new NicFault.TooMany(Side.RECEIVE, 1, 0xffff));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        arrive(0);
        for (int i = 0; i < Bench.ENTRIES; i++) {
            bench.awaitReceived(i);
        }
        Bench.await("one frame", () -> bench.read(Reg.RDH) == 1);
    }

    @Test
    void garbageIsTheSameForTheSameSeed() {
        bench.faults(new NicFault.Garbage(Side.RECEIVE, 1, 77));
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 100);
        Bench.await("garbage", () -> bench.received(0) != 0);
        long first = bench.received(0);
        bench.faults(new NicFault.Garbage(Side.RECEIVE, 1, 77));
        bench.arrive(MAC, 100);
        Bench.await("garbage", () -> bench.received(1) != 0);
        assertThat(bench.received(1)).isEqualTo(first);
    }

    @Test
    void transmitReportsLieToo() throws Exception {
        bench.startTransmit();
        Bench.frame(bench.buffers, Bench.OUT, "ff:ff:ff:ff:ff:ff", 64);
        for (int i = 0; i < 4; i++) {
            bench.descriptor(i, Bench.BUFFERS + Bench.OUT, 64 | SEND);
        }
        bench.faults(
                new NicFault.NeverGiven(Side.TRANSMIT, 1),
                new NicFault.TooMany(Side.TRANSMIT, 1, 2),
                new NicFault.WrongIndex(Side.TRANSMIT, 1, 9999));
        bench.write(Reg.TDT, 1);
        assertThat(bench.takeSent()).isEqualTo(64);
        for (int i = 0; i < 3; i++) {
            int index = i;
            Bench.await("descriptor " + i, () -> (bench.sent(index) & DONE) != 0);
        }
        Bench.await("the head", () -> bench.read(Reg.TDH) == 9999);
        bench.faults();
        bench.write(Reg.TDT, 4);
        for (int i = 1; i < 4; i++) {
            assertThat(bench.takeSent()).isEqualTo(64);
        }
        Bench.await("the true head", () -> bench.read(Reg.TDH) == 4);
    }

    @Test
    void L5_faultsThatCannotBeAreRefused() {
        Fault[] refused = {
            new NicFault.TooMany(Side.RECEIVE, 1, 0),
            new NicFault.WrongIndex(Side.RECEIVE, 1, 1 << 16),
            new NicFault.WrongLength(Side.RECEIVE, 0, 1),
            new NicFault.WrongLength(Side.RECEIVE, 1, -1),
            new Fault.LostCompletion(1)
        };
        for (Fault fault : refused) {
            assertThatThrownBy(() -> bench.faults(fault)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
