package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.emulator.Fault;
import org.busbar.emulator.NicChip;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What sets the controllers of the family apart. */
@Timeout(60)
final class NicFamilyTest {

    private static final int DONE_82574 = 1 << 1;
    private static final int DONE_8254X = 1 << 4;

    private static Bench bench(NicChip chip) throws Exception {
        return new Bench(chip, System::nanoTime);
    }

    @ParameterizedTest
    @CsvSource({"I82574L,0x10d3,5", "I82540EM,0x100e,0", "I82545EM,0x100f,1"})
    void identifiersAndInterruptVectors(NicChip chip, String device, int vectors) throws Exception {
        try (Bench bench = bench(chip)) {
            assertThat(bench.function.ids().vendor()).isEqualTo(0x8086);
            assertThat(bench.function.ids().device()).isEqualTo(Integer.decode(device));
            assertThat(bench.handle.interrupts().available()).isEqualTo(vectors);
        }
    }

    @ParameterizedTest
    @EnumSource(NicChip.class)
    void theNvmIsReadAsEachManualSaysAndAddsUp(NicChip chip) throws Exception {
        boolean express = chip == NicChip.I82574L;
        try (Bench bench = bench(chip)) {
            int sum = 0;
            for (int word = 0; word < 64; word++) {
                bench.write(Reg.EERD, word << (express ? 2 : 8) | Reg.EERD_START);
                assertThat(bench.read(Reg.EERD) & (express ? DONE_82574 : DONE_8254X)).isNotZero();
                sum += bench.read(Reg.EERD) >>> 16;
                if (word == 0x0d) {
                    assertThat(bench.read(Reg.EERD) >>> 16).isEqualTo(chip.device());
                }
            }
            assertThat(sum & 0xffff).isEqualTo(0xbaba);
            bench.write(Reg.EERD, 1 << (express ? 8 : 2) | Reg.EERD_START);
            assertThat(bench.read(Reg.EERD) >>> 16).as("the other layout names another word").isNotEqualTo(0x1200);
        }
    }

    @ParameterizedTest
    @EnumSource(NicChip.class)
    void phyAndLinkAreUpAndResetsEnd(NicChip chip) throws Exception {
        try (Bench bench = bench(chip)) {
            bench.write(Reg.MDIC, 1 << 16 | 1 << 21 | 2 << 26);
            assertThat(bench.read(Reg.MDIC) & 0x24).isEqualTo(0x24);
            bench.write(Reg.MDIC, 17 << 16 | 1 << 21 | 2 << 26);
            assertThat(bench.read(Reg.MDIC) & 0xffff).as("1000 Mb/s, full duplex, link").isEqualTo(0xac00);
            bench.write(Reg.RCTL, Reg.RCTL_ENABLE);
            bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_RST);
            Bench.await("the reset", () -> (bench.read(Reg.CTRL) & Reg.CTRL_RST) == 0);
            assertThat(bench.read(Reg.RCTL)).isZero();
            Bench.await("the link", () -> (bench.read(Reg.STATUS) & Reg.STATUS_LINK_UP) != 0);
        }
    }

    @ParameterizedTest
    @EnumSource(NicChip.class)
    void framesGoBothWaysWithLegacyDescriptors(NicChip chip) throws Exception {
        try (Bench bench = bench(chip)) {
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            bench.arrive(Bench.MAC.toString(), 100);
            assertThat(bench.awaitReceived(0) & 0xffff).isEqualTo(100);
            bench.startTransmit();
            Bench.frame(bench.buffers, Bench.OUT, "ff:ff:ff:ff:ff:ff", 200);
            bench.descriptor(0, Bench.BUFFERS + Bench.OUT, 200 | 1L << 24 | 1L << 25 | 1L << 27);
            bench.write(Reg.TDT, 1);
            assertThat(bench.takeSent()).isEqualTo(200);
        }
    }

    /** The older ones have no RFCTL, no second queue and no TARC: writing there changes nothing that matters. */
    @Test
    void the8254xKnowsNoExtendedDescriptorsAndNoQueueArbitration() throws Exception {
        try (Bench bench = bench(NicChip.I82540EM)) {
            bench.write(Reg.RFCTL, Reg.RFCTL_EXTENDED);
            bench.write(Reg.TARC, 0);
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            bench.arrive(Bench.MAC.toString(), 100);
            assertThat(bench.awaitReceived(0) & 0xffff).isEqualTo(100);
            assertThat(bench.receivedFirst(0)).as("the address is left alone").isEqualTo(Bench.BUFFERS);
            bench.startTransmit();
            Bench.frame(bench.buffers, Bench.OUT, "ff:ff:ff:ff:ff:ff", 64);
            bench.descriptor(0, Bench.BUFFERS + Bench.OUT, 64 | 1L << 24 | 1L << 25);
            bench.write(Reg.TDT, 1);
            assertThat(bench.takeSent()).isEqualTo(64);
        }
    }

    @Test
    void theAliasesOfTheOlderControllersReachTheSameRegisters() throws Exception {
        try (Bench bench = bench(NicChip.I82540EM)) {
            bench.write(0x0600, 0x1234);
            assertThat(bench.read(Reg.VFTA)).isEqualTo(0x1234);
            bench.write(0x0110, 0x12_3450);
            assertThat(bench.read(Reg.RDBAL)).isEqualTo(0x12_3450);
            bench.write(0x0440, 7);
            assertThat(bench.read(Reg.TIDV)).isEqualTo(7);
        }
    }

    @Test
    void msiSendsOneMessageUntilTheCausesWereRead() throws Exception {
        try (Bench bench = bench(NicChip.I82545EM)) {
            bench.read(Reg.ICR);
            bench.write(Reg.IMS, Reg.RXT0 | Reg.LSC);
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            bench.arrive(Bench.MAC.toString(), 60);
            assertThat(bench.vector()).isZero();
            bench.faults(new Fault.LinkDown());
            Bench.await("the link to go down", () -> (bench.read(Reg.ICS) & Reg.LSC) != 0);
            assertThat(bench.fired).as("asserted already").isEmpty();
            assertThat(bench.read(Reg.ICR) & (Reg.RXT0 | Reg.LSC)).isEqualTo(Reg.RXT0 | Reg.LSC);
            assertThat(bench.read(Reg.ICR)).as("reading clears").isZero();
            bench.faults();
            assertThat(bench.vector()).isZero();
        }
    }

    @Test
    void thePinIsAssertedUntilTheCausesWereReadOrMasked() throws Exception {
        try (Bench bench = bench(NicChip.I82540EM)) {
            assertThat(bench.handle.interrupts().hasPin()).isTrue();
            bench.read(Reg.ICR);
            LinkedBlockingQueue<Integer> causes = new LinkedBlockingQueue<>();
            AtomicInteger patience = new AtomicInteger(3);
            bench.handle.interrupts().enablePin(vector -> {
                // The pin is level-triggered: until it is taken back, it fires again and again.
                if (patience.getAndDecrement() <= 0) {
                    causes.add(bench.read(Reg.ICR));
                }
            });
            bench.write(Reg.IMS, Reg.RXT0);
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            bench.arrive(Bench.MAC.toString(), 60);
            assertThat(causes.poll(20, TimeUnit.SECONDS)).isNotNull().matches(value -> (value & Reg.RXT0) != 0);
            bench.write(Reg.ICS, Reg.RXT0);
            assertThat(causes.poll(20, TimeUnit.SECONDS)).isEqualTo(Reg.RXT0);
            bench.handle.interrupts().disable();
            bench.write(Reg.ICS, Reg.RXT0);
            assertThat(bench.read(Reg.ICR)).isEqualTo(Reg.RXT0);
            assertThat(causes).isEmpty();
        }
    }

    @Test
    void theReceivedSumLetsSoftwareFinishTheChecksumByItself() throws Exception {
        try (Bench bench = bench(NicChip.I82540EM)) {
            bench.write(Reg.RXCSUM, 14);
            bench.startReceive(Reg.RCTL_STRIP_FCS);
            byte[] frame = Frames.ip(
                    Frames.OTHER_4, Frames.ADDRESS_4, false, 1, 2, Frames.payload(100));
            bench.arrive(frame);
            int sum = ~((int) (bench.awaitReceived(0) >>> 16)) & 0xffff;
            long expected = 0;
            for (int i = 14; i < frame.length; i += 2) {
                expected += Frames.get(frame, i);
            }
            assertThat(sum).isEqualTo((int) ((expected & 0xffff) + (expected >>> 16)));
            assertThat(bench.rings.get(ValueLayout.JAVA_LONG, 8) & 4L << 32).as("IXSM").isNotZero();
        }
    }
}
