package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32;
import org.busbar.emulator.Fault;
import org.busbar.emulator.Rack.IommuFault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The card as a driver's author sees it with the datasheet open. */
@Timeout(60)
final class NicModelTest {

    private static final String MAC = Bench.MAC.toString();
    private static final String EVERYBODY = "ff:ff:ff:ff:ff:ff";
    private static final long DONE = 1L << 32;
    private static final long END_OF_PACKET = 1L << 33;
    private static final long SEND = 1L << 24 | 1L << 25 | 1L << 27;

    private Bench bench;

    @BeforeEach
    void plugIn() throws Exception {
        bench = new Bench();
    }

    @AfterEach
    void pull() {
        bench.close();
    }

    @Test
    void registersHaveTheirInitialValues() {
        assertThat(bench.read(Reg.STATUS)).isEqualTo(0x0008_0683);
        assertThat(bench.read(Reg.CTRL)).isEqualTo(0x0018_0249);
        assertThat(bench.read(Reg.CTRL_ALIAS)).isEqualTo(0x0018_0249);
        assertThat(bench.read(Reg.RAL)).isEqualTo(0x1200_5452);
        assertThat(bench.read(Reg.RAH)).isEqualTo(0x8000_5634);
        assertThat(bench.read(0x0040)).as("the alias of RAL").isEqualTo(0x1200_5452);
        assertThat(bench.read(Reg.TARC)).isEqualTo(0x403);
        assertThat(bench.read(Reg.IMS)).isZero();
        assertThat(bench.bar.read16(Reg.STATUS)).isEqualTo(0x0683);
        assertThat(bench.bar.read64(Reg.RAL)).isEqualTo(0x8000_5634_1200_5452L);
    }

    @Test
    void nvmHasTheAddressAndAddsUp() {
        int sum = 0;
        for (int word = 0; word < 64; word++) {
            bench.write(Reg.EERD, word << 2 | Reg.EERD_START);
            assertThat(bench.read(Reg.EERD) & 1 << 1).isNotZero();
            sum += bench.read(Reg.EERD) >>> 16;
        }
        assertThat(sum & 0xffff).isEqualTo(0xbaba);
    }

    @Test
    void phyIsReadAndWrittenThroughMdic() {
        assertThat(mdic(1, 1 << 21 | 2 << 26) & 0x24).as("link and negotiation").isEqualTo(0x24);
        assertThat(mdic(2, 1 << 21 | 2 << 26) & 0xffff).isEqualTo(0x0141);
        assertThat(mdic(4, 1 << 21 | 1 << 26 | 0x1234)).isNotZero();
        assertThat(mdic(4, 1 << 21 | 2 << 26) & 0xffff).isEqualTo(0x1234);
        assertThat(mdic(0, 5 << 21 | 2 << 26) & (1 << 30)).as("no such PHY").isNotZero();
    }

    @Test
    void resetGivesInitialValuesAndEndsByItself() {
        bench.write(Reg.RCTL, Reg.RCTL_ENABLE);
        bench.write(Reg.IMS, Reg.LSC);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_RST);
        Bench.await("the reset", () -> (bench.read(Reg.CTRL) & Reg.CTRL_RST) == 0);
        assertThat(bench.read(Reg.RCTL)).isZero();
        assertThat(bench.read(Reg.IMS)).isZero();
        assertThat(bench.read(Reg.EECD) & 1 << 9).as("EECD.AUTO_RD").isNotZero();
    }

    @Test
    void stuckResetStaysUntilHealed() {
        bench.faults(new Fault.StuckReset());
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_RST);
        for (int i = 0; i < 10_000; i++) {
            assertThat(bench.read(Reg.CTRL) & Reg.CTRL_RST).isNotZero();
        }
        bench.faults();
        Bench.await("the reset", () -> (bench.read(Reg.CTRL) & Reg.CTRL_RST) == 0);
    }

    @Test
    void masterDisableStopsAccessesToMemory() {
        bench.startReceive(Reg.RCTL_BROADCAST | Reg.RCTL_STRIP_FCS);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_MASTER_DISABLE);
        Bench.await(
                "the end of the last access", () -> (bench.read(Reg.STATUS) & Reg.STATUS_MASTER_ENABLED) == 0);
        bench.arrive(EVERYBODY, 60);
        for (int i = 0; i < 10_000; i++) {
            assertThat(bench.read(Stat.TPR)).isZero();
        }
        assertThat(bench.received(0)).isZero();
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) & ~Reg.CTRL_MASTER_DISABLE);
        Bench.await("the frame", () -> bench.received(0) != 0);
    }

    @Test
    void receivesWithLegacyDescriptors() {
        bench.startReceive(Reg.RCTL_BROADCAST | Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 100);
        Bench.await("the frame", () -> (bench.received(0) & DONE) != 0);
        assertThat(bench.received(0) & END_OF_PACKET).isNotZero();
        assertThat(bench.received(0) & 0xffff).isEqualTo(100);
        assertThat(bench.buffers.asSlice(0, 100).mismatch(bench.scratch.asSlice(0, 100))).isEqualTo(-1);
        Bench.await("RDH", () -> bench.read(Reg.RDH) == 1);
    }

    @Test
    void receivesWithExtendedDescriptors() {
        bench.write(Reg.RFCTL, Reg.RFCTL_EXTENDED);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 100);
        Bench.await("the frame", () -> (bench.received(0) & 1) != 0);
        assertThat(bench.received(0) & 3).isEqualTo(3);
        assertThat(bench.received(0) >>> 32 & 0xffff).isEqualTo(100);
    }

    @Test
    void keepsTheFrameCheckSequenceUnlessAskedToStripIt() {
        bench.startReceive(0);
        bench.arrive(MAC, 61);
        Bench.await("the frame", () -> (bench.received(0) & DONE) != 0);
        assertThat(bench.received(0) & 0xffff).isEqualTo(65);
        CRC32 crc = new CRC32();
        crc.update(bench.scratch.asSlice(0, 61).toArray(ValueLayout.JAVA_BYTE));
        assertThat(bench.buffers.get(ValueLayout.JAVA_INT_UNALIGNED, 61)).isEqualTo((int) crc.getValue());
    }

    @Test
    void longFramesNeedPermissionAndSpanBuffers() {
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 3000);
        Bench.await("the oversize count", () -> bench.read(Stat.ROC) == 1);
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_LONG_PACKETS);
        bench.arrive(MAC, 3000);
        Bench.await("the second half", () -> (bench.received(1) & DONE) != 0);
        assertThat(bench.received(0) & END_OF_PACKET).isZero();
        assertThat(bench.received(0) & 0xffff).isEqualTo(2048);
        assertThat(bench.received(1) & END_OF_PACKET).isNotZero();
        assertThat(bench.received(1) & 0xffff).isEqualTo(952);
    }

    @Test
    void filtersByAddress() {
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive("52:54:00:00:00:99", 60);
        bench.arrive("01:00:5e:00:00:01", 61);
        bench.arrive(EVERYBODY, 62);
        bench.arrive(MAC, 63);
        Bench.await("the one for this address", () -> (bench.received(0) & DONE) != 0);
        assertThat(bench.received(0) & 0xffff).isEqualTo(63);
        // Octets 5 and 4 are 0x01 and 0x00: with RCTL.MO = 0 bits 47:36 give 0x010, in word 0, bit 16.
        bench.write(Reg.MTA, 1 << 16);
        bench.arrive("01:00:5e:00:00:01", 64);
        Bench.await("the group's", () -> (bench.received(1) & DONE) != 0);
        assertThat(bench.received(1) & 1L << 39).as("passed an inexact filter").isNotZero();
        bench.write(Reg.RCTL, bench.read(Reg.RCTL) | Reg.RCTL_UNICAST_PROMISCUOUS);
        bench.arrive("52:54:00:00:00:99", 65);
        Bench.await("anybody's", () -> (bench.received(2) & DONE) != 0);
        bench.write(Reg.RCTL, bench.read(Reg.RCTL) | Reg.RCTL_BROADCAST);
        bench.arrive(EVERYBODY, 66);
        Bench.await("everybody's", () -> (bench.received(3) & DONE) != 0);
    }

    @Test
    void framesWaitForDescriptors() {
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        for (int i = 0; i < 10; i++) {
            bench.arrive(MAC, 60 + i);
        }
        Bench.await("seven frames", () -> bench.read(Reg.RDH) == 7);
        assertThat(bench.received(7)).isZero();
        Bench.await("the count of frames without buffer", () -> bench.read(Stat.RNBC) > 0);
        for (int i = 0; i < 3; i++) {
            bench.rings.set(ValueLayout.JAVA_LONG, i * 16L + 8, 0);
        }
        bench.write(Reg.RDT, 2);
        Bench.await("the rest", () -> bench.read(Reg.RDH) == 2);
        assertThat(bench.received(1) & 0xffff).isEqualTo(69);
    }

    @Test
    void sendsWithLegacyDescriptorsAndPads() throws Exception {
        bench.startTransmit();
        Bench.frame(bench.buffers, 0, EVERYBODY, 200);
        bench.descriptor(0, Bench.BUFFERS, 20 | 1L << 25);
        bench.descriptor(1, Bench.BUFFERS + 20, 180 | SEND);
        bench.descriptor(2, Bench.BUFFERS, 20 | SEND);
        bench.write(Reg.TDT, 3);
        assertThat(bench.takeSent()).isEqualTo(200);
        assertThat(bench.buffers.asSlice(0, 200).mismatch(bench.scratch.asSlice(0, 200))).isEqualTo(-1);
        assertThat(bench.takeSent()).isEqualTo(60);
        assertThat(bench.scratch.asSlice(20, 40).mismatch(MemorySegment.ofArray(new byte[40]))).isEqualTo(-1);
        Bench.await("the report", () -> (bench.sent(2) & DONE) != 0);
        assertThat(bench.sent(0) & DONE).as("nobody asked").isZero();
        Bench.await("TDH", () -> bench.read(Reg.TDH) == 3);
    }

    @Test
    void sendsWithExtendedDescriptors() throws Exception {
        bench.startTransmit();
        Bench.frame(bench.buffers, 0, EVERYBODY, 100);
        bench.descriptor(0, 0, 1L << 29 | 1L << 27);
        bench.descriptor(1, Bench.BUFFERS, 100 | 1L << 20 | 1L << 29 | SEND);
        bench.write(Reg.TDT, 2);
        assertThat(bench.takeSent()).isEqualTo(100);
        Bench.await("the reports", () -> (bench.sent(0) & bench.sent(1) & DONE) != 0);
    }

    @Test
    void countsUntilRead() throws Exception {
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_BROADCAST);
        bench.arrive(EVERYBODY, 60);
        bench.arrive(MAC, 1000);
        Bench.await("both", () -> bench.read(Reg.RDH) == 2);
        assertThat(bench.read(Stat.GPRC)).isEqualTo(2);
        assertThat(bench.read(Stat.GPRC)).isZero();
        assertThat(bench.read(Stat.BPRC)).isEqualTo(1);
        assertThat(bench.read(Stat.PRC64)).isEqualTo(1);
        assertThat(bench.read(Stat.PRC64 + 16)).as("512 to 1,023 bytes").isEqualTo(1);
        assertThat(bench.bar.read64(Stat.GORCL)).isEqualTo(1068);
        assertThat(bench.bar.read64(Stat.GORCL)).isZero();
        bench.startTransmit();
        Bench.frame(bench.buffers, 0, EVERYBODY, 100);
        bench.descriptor(0, Bench.BUFFERS, 100 | SEND);
        bench.write(Reg.TDT, 1);
        bench.takeSent();
        Bench.await("the report", () -> (bench.sent(0) & DONE) != 0);
        assertThat(bench.read(Stat.GPTC)).isEqualTo(1);
        assertThat(bench.read(Stat.BPTC)).isEqualTo(1);
        assertThat(bench.bar.read64(Stat.GOTCL)).isEqualTo(104);
    }

    @Test
    void interruptsGoToTheVectorsOfIvarOnceUntilCleared() throws Exception {
        bench.write(Reg.IMC, -1);
        bench.read(Reg.ICR);
        bench.write(Reg.IVAR, (8 | 2) | (8 | 4) << 16);
        bench.write(Reg.IMS, Reg.RXQ0 | Reg.OTHER | Reg.LSC);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 60);
        assertThat(bench.vector()).isEqualTo(2);
        bench.arrive(MAC, 60);
        Bench.await("both", () -> bench.read(Reg.RDH) == 2);
        bench.faults(new Fault.LinkDown());
        assertThat(bench.vector()).as("the second frame is no news").isEqualTo(4);
        int causes = bench.read(Reg.ICS);
        assertThat(causes & (Reg.RXQ0 | Reg.LSC | Reg.OTHER | Reg.INT_ASSERTED))
                .isEqualTo(Reg.RXQ0 | Reg.LSC | Reg.OTHER | Reg.INT_ASSERTED);
        assertThat(bench.read(Reg.STATUS) & Reg.STATUS_LINK_UP).isZero();
        bench.write(Reg.ICR, Reg.RXQ0);
        assertThat(bench.read(Reg.ICS) & Reg.RXQ0).isZero();
        assertThat(bench.read(Reg.ICR) & Reg.LSC).isNotZero();
        assertThat(bench.read(Reg.ICR)).as("cleared by reading").isZero();
    }

    @Test
    void causesOfEiacAreClearedByTheirMessageAndMaskedOnesWait() throws Exception {
        bench.write(Reg.IMC, -1);
        bench.read(Reg.ICR);
        bench.write(Reg.IVAR, 8 | 1);
        bench.write(Reg.EIAC, Reg.RXQ0);
        bench.write(Reg.ICS, Reg.RXQ0);
        assertThat(bench.read(Reg.ICS) & Reg.RXQ0).as("masked").isNotZero();
        bench.write(Reg.IMS, Reg.RXQ0);
        assertThat(bench.vector()).isEqualTo(1);
        assertThat(bench.read(Reg.ICS) & Reg.RXQ0).isZero();
        bench.write(Reg.ICS, Reg.RXQ0);
        assertThat(bench.vector()).isEqualTo(1);
    }

    @Test
    void ringsOutsideMemoryAreReportedAndStopTheQueue() {
        bench.startTransmit();
        bench.descriptor(0, 0x7000_0000L, 100 | SEND);
        bench.write(Reg.TDT, 1);
        Bench.await("the report", () -> !bench.iommuFaults.isEmpty());
        assertThat(bench.iommuFaults.element()).isEqualTo(new IommuFault(1, 0x7000_0000L, 100, false));
        assertThat(bench.read(Reg.TDH)).isZero();
        bench.write(Reg.RDBAH, 1);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.write(Reg.RDBAL, 0x6000_0000);
        bench.arrive(MAC, 60);
        Bench.await("the second report", () -> bench.iommuFaults.size() == 2);
    }

    private int mdic(int register, int command) {
        bench.write(Reg.MDIC, register << 16 | command);
        int value = bench.read(Reg.MDIC);
        assertThat(value & 1 << 28).as("ready").isNotZero();
        return value;
    }
}
