package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;
import org.busbar.emulator.NicChip;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What takes time: throttled and delayed interrupts, and pauses. The card's clock stands still unless it is set. */
@Timeout(60)
final class NicTimingTest {

    private static final String MAC = Bench.MAC.toString();
    private static final long SEND = 1L << 24 | 1L << 25 | 1L << 27;
    private static final long DELAYED = 1L << 31;

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private Bench bench;

    @BeforeEach
    void plugIn() throws Exception {
        bench = new Bench(NicChip.I82574L, clock::get);
        bench.write(Reg.IMC, -1);
        bench.read(Reg.ICR);
    }

    @AfterEach
    void pull() {
        bench.close();
    }

    /** Time passes, and the card looks at its clock. */
    private void pass(long nanos) {
        clock.addAndGet(nanos);
        bench.write(Reg.TCTL, bench.read(Reg.TCTL));
    }

    private void awaitPaused() {
        Bench.await("the pause", () -> (bench.read(Reg.STATUS) & Reg.STATUS_TRANSMIT_PAUSED) != 0);
    }

    /** Has the card do something, and waits until it has: so it has seen all that came before. */
    private void settle() {
        // Reading clears.
        bench.read(Stat.TPR);
        bench.arrive("02:00:00:00:00:77", 60);
        Bench.await("a frame that nobody wants", () -> bench.read(Stat.TPR) > 0);
    }

    @Test
    void aThrottledVectorFiresOncePerInterval() throws Exception {
        bench.write(Reg.IVAR, 8);
        bench.write(Reg.EITR, 1000);
        bench.write(Reg.IMS, Reg.RXQ0);
        bench.write(Reg.EIAC, Reg.RXQ0);
        bench.write(Reg.ICS, Reg.RXQ0);
        assertThat(bench.vector()).isZero();
        bench.write(Reg.ICS, Reg.RXQ0);
        bench.write(Reg.ICS, Reg.RXQ0);
        pass(255_999);
        assertThat(bench.read(Reg.ICS) & Reg.RXQ0).as("waits, and is not cleared").isNotZero();
        assertThat(bench.fired).isEmpty();
        pass(1);
        assertThat(bench.vector()).isZero();
        Bench.await("the automatic clear", () -> (bench.read(Reg.ICS) & Reg.RXQ0) == 0);
        bench.write(Reg.EITR, 0);
        bench.write(Reg.ICS, Reg.RXQ0);
        assertThat(bench.vector()).as("no interval, no wait").isZero();
    }

    @Test
    void otherVectorsAreNotHeldUp() throws Exception {
        bench.write(Reg.IVAR, 8 | (8 | 1) << 8);
        bench.write(Reg.EITR, 0xffff);
        bench.write(Reg.IMS, Reg.RXQ0 | Reg.TXQ0);
        bench.write(Reg.EIAC, Reg.RXQ0 | Reg.TXQ0);
        bench.write(Reg.ICS, Reg.RXQ0);
        assertThat(bench.vector()).isZero();
        bench.write(Reg.ICS, Reg.RXQ0 | Reg.TXQ0);
        assertThat(bench.vector()).isEqualTo(1);
        assertThat(bench.fired).isEmpty();
    }

    @Test
    void receiveInterruptsWaitForQuietButNotForEver() {
        bench.write(Reg.RDTR, 10);
        bench.write(Reg.RADV, 15);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 64);
        bench.awaitReceived(0);
        settle();
        assertThat(bench.read(Reg.ICS) & Reg.RXT0).isZero();
        pass(10 * 1024 - 1);
        bench.arrive(MAC, 64);
        bench.awaitReceived(1);
        settle();
        assertThat(bench.read(Reg.ICS) & Reg.RXT0).as("quiet begins anew").isZero();
        pass(5 * 1024 + 1);
        Bench.await("the absolute limit", () -> (bench.read(Reg.ICS) & (Reg.RXT0 | Reg.RXQ0)) == (Reg.RXT0 | Reg.RXQ0));
        bench.read(Reg.ICR);
        bench.arrive(MAC, 64);
        bench.awaitReceived(2);
        bench.write(Reg.RDTR, 10 | Reg.RDTR_FLUSH);
        Bench.await("the flush", () -> (bench.read(Reg.ICS) & Reg.RXT0) != 0);
    }

    @Test
    void transmitInterruptsAreDelayedWhereTheDescriptorSaysSo() {
        bench.write(Reg.TIDV, 10);
        bench.startTransmit();
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        Bench.frame(bench.buffers, Bench.OUT, "ff:ff:ff:ff:ff:ff", 64);
        bench.descriptor(0, Bench.BUFFERS + Bench.OUT, 64 | SEND | DELAYED);
        bench.write(Reg.TDT, 1);
        Bench.await("the report", () -> (bench.sent(0) & 1L << 32) != 0);
        settle();
        assertThat(bench.read(Reg.ICS) & Reg.TXDW).isZero();
        pass(10 * 1024);
        Bench.await("its interrupt", () -> (bench.read(Reg.ICS) & (Reg.TXDW | Reg.TXQ0)) == (Reg.TXDW | Reg.TXQ0));
        bench.read(Reg.ICR);
        bench.descriptor(1, Bench.BUFFERS + Bench.OUT, 64 | SEND);
        bench.write(Reg.TDT, 2);
        Bench.await("one without delay", () -> (bench.read(Reg.ICS) & Reg.TXDW) != 0);
    }

    private void pause(int quanta) {
        MemorySegment frame = bench.scratch;
        frame.asSlice(0, 60).fill((byte) 0);
        byte[] header = {1, (byte) 0x80, (byte) 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 9, (byte) 0x88, 8, 0, 1,
            (byte) (quanta >>> 8), (byte) quanta};
        MemorySegment.copy(header, 0, frame, ValueLayout.JAVA_BYTE, 0, header.length);
        assertThat(bench.peer.send(frame, 0, 60)).isTrue();
    }

    private void send(int index) {
        Bench.frame(bench.buffers, Bench.OUT, "ff:ff:ff:ff:ff:ff", 64);
        bench.descriptor(index, Bench.BUFFERS + Bench.OUT, 64 | SEND);
        bench.write(Reg.TDT, index + 1);
    }

    @Test
    void aPauseHoldsTheTransmitterForTheTimeAskedOrUntilItIsTakenBack() throws Exception {
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_RECEIVE_PAUSE);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.startTransmit();
        pause(100);
        awaitPaused();
        assertThat(bench.read(Stat.XOFFRXC)).isEqualTo(1);
        send(0);
        pass(100 * 512 - 1);
        bench.arrive(MAC, 64);
        bench.awaitReceived(0);
        assertThat(bench.sent(0) & 1L << 32).as("receiving goes on, sending does not").isZero();
        pass(1);
        assertThat(bench.takeSent()).isEqualTo(64);
        assertThat(bench.read(Reg.STATUS) & Reg.STATUS_TRANSMIT_PAUSED).isZero();
        pause(0xffff);
        awaitPaused();
        assertThat(bench.read(Stat.XOFFRXC)).isEqualTo(1);
        send(1);
        pause(0);
        assertThat(bench.takeSent()).isEqualTo(64);
        assertThat(bench.read(Stat.XONRXC)).isEqualTo(1);
    }

    @Test
    void pauseFramesAreOnlyCountedUnlessTheyAreEnabled() throws Exception {
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_MULTICAST_PROMISCUOUS);
        bench.startTransmit();
        pause(0xffff);
        bench.awaitReceived(0);
        assertThat(bench.read(Stat.FCRUC)).isEqualTo(1);
        send(0);
        assertThat(bench.takeSent()).isEqualTo(64);
        bench.write(Reg.RCTL, bench.read(Reg.RCTL) | Reg.RCTL_DISCARD_PAUSE);
        pause(0xffff);
        bench.arrive(MAC, 77);
        assertThat(bench.awaitReceived(1) & 0xffff).as("DPF").isEqualTo(77);
    }

    @Test
    void aBacklogAsksTheOtherSideToPauseAndItsEndToGoOn() throws Exception {
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_SEND_PAUSE);
        bench.write(Reg.FCTTV, 0x1234);
        bench.write(Reg.FCRTL, 0x800 | Reg.FCRTL_XON);
        bench.write(Reg.FCRTH, 0x2000);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        for (int i = 0; i < 20; i++) {
            bench.arrive(MAC, 1000);
        }
        byte[] off = bench.takeFrame();
        assertThat(off).startsWith(1, 0x80, 0xc2, 0, 0, 1).hasSize(60);
        assertThat(Frames.get(off, 12)).isEqualTo(0x8808);
        assertThat(Frames.get(off, 16)).isEqualTo(0x1234);
        Bench.await("the count", () -> bench.read(Stat.XOFFTXC) == 1);
        int tail = 7;
        while (bench.peer.waiting() == 0) {
            int given = tail;
            Bench.await("all to be used", () -> bench.read(Reg.RDH) == given || bench.peer.waiting() > 0);
            bench.refill(0, 8);
            tail = (tail + 7) % 8;
            bench.write(Reg.RDT, tail);
        }
        assertThat(Frames.get(bench.takeFrame(), 16)).isZero();
        Bench.await("the count", () -> bench.read(Stat.XONTXC) == 1);
    }

    @Test
    void softwareMayAskForAPauseByItself() throws Exception {
        bench.write(Reg.FCTTV, 0x0042);
        bench.write(Reg.TCTL, Reg.TCTL_SEND_XOFF);
        assertThat(Frames.get(bench.takeFrame(), 16)).isEqualTo(0x0042);
        Bench.await("the bit to clear", () -> bench.read(Reg.TCTL) == 0);
    }
}
