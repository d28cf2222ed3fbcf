package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.busbar.emulator.NicChip;
import org.busbar.emulator.Wire;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VLANs, hash filters, long frames and checksums on their way in. */
@Timeout(60)
final class NicReceiveTest {

    private static final String MAC = Bench.MAC.toString();
    private static final long VLAN = 1L << 35;
    private static final int IXSM = 1 << 2;

    private Bench bench;

    @BeforeEach
    void plugIn() throws Exception {
        bench = new Bench();
    }

    @AfterEach
    void pull() {
        bench.close();
    }

    private static byte[] udp(String source, String destination) {
        return Frames.ip(source, destination, false, 7, 9, Frames.payload(99));
    }

    private static byte[] tcp(String source, String destination) {
        return Frames.ip(source, destination, true, 7, 9, Frames.payload(99));
    }

    @Test
    void tagsAreStrippedIntoTheDescriptorIfAskedFor() {
        byte[] frame = udp(Frames.OTHER_4, Frames.ADDRESS_4);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(Frames.tagged(frame, 0xa123));
        assertThat(bench.awaitReceived(0) & VLAN).isZero();
        assertThat(bench.received(0) & 0xffff).isEqualTo(frame.length + 4);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_VLAN);
        bench.arrive(Frames.tagged(frame, 0xa123));
        assertThat(bench.awaitReceived(1) & VLAN).isNotZero();
        assertThat(bench.received(1) >>> 48).isEqualTo(0xa123);
        assertThat(bench.received(1) & 0xffff).isEqualTo(frame.length);
        assertThat(bench.buffer(1, frame.length)).isEqualTo(frame);
        bench.arrive(frame);
        assertThat(bench.awaitReceived(2) & VLAN).as("no tag").isZero();
    }

    @Test
    void tagsAreInExtendedDescriptorsToo() {
        bench.write(Reg.RFCTL, Reg.RFCTL_EXTENDED);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_VLAN);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(Frames.tagged(udp(Frames.OTHER_4, Frames.ADDRESS_4), 0x0fff));
        assertThat(bench.awaitExtended(0) & 1 << 3).as("VP").isNotZero();
        assertThat(bench.received(0) >>> 48).isEqualTo(0x0fff);
    }

    @Test
    void onlyVlansOfTheTablePassTheFilter() {
        byte[] frame = udp(Frames.OTHER_4, Frames.ADDRESS_4);
        bench.write(Reg.VFTA + 4 * (100 >>> 5), 1 << (100 & 31));
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_VLAN_FILTER);
        bench.arrive(Frames.tagged(frame, 101));
        bench.arrive(Frames.tagged(frame, 0xe000 | 100));
        bench.arrive(frame);
        bench.awaitReceived(1);
        assertThat(Frames.get(bench.buffer(0, 20), 14)).isEqualTo(0xe000 | 100);
        assertThat(bench.buffer(1, frame.length)).as("without tag: passes").isEqualTo(frame);
        bench.write(Reg.RCTL, bench.read(Reg.RCTL) | Reg.RCTL_CFI_FILTER);
        bench.arrive(Frames.tagged(frame, 0x1000 | 100));
        bench.arrive(Frames.tagged(frame, 0x2000 | 100));
        bench.awaitReceived(2);
        assertThat(Frames.get(bench.buffer(2, 20), 14)).as("the canonical one").isEqualTo(0x2000 | 100);
        assertThat(bench.read(Stat.GPRC)).isEqualTo(3);
        assertThat(bench.read(Stat.TPR)).as("filtered or not").isEqualTo(5);
    }

    /** Octets 5 and 4 are 0x45 and 0x23: the twelve bits of RCTL.MO begin at bit 36, 35, 34 or 32 of the address. */
    @ParameterizedTest
    @CsvSource({"0,0x452", "1,0x8a4", "2,0x148", "3,0x523"})
    void theHashTableIsIndexedAsMoSays(int offset, String hash) {
        int index = Integer.decode(hash);
        bench.startReceive(Reg.RCTL_STRIP_FCS | offset << 12);
        bench.arrive("01:00:5e:00:23:45", 64);
        bench.arrive(MAC, 65);
        assertThat(bench.awaitReceived(0) & 0xffff).as("no bit, no frame").isEqualTo(65);
        bench.write(Reg.MTA + 4 * (index >>> 5), 1 << (index & 31));
        bench.arrive("01:00:5e:00:23:45", 64);
        assertThat(bench.awaitReceived(1) & 0xffff).isEqualTo(64);
        assertThat(bench.read(Stat.MPRC)).isEqualTo(1);
    }

    @Test
    void addressesOfTheTableCountOnlyWhileTheyAreValid() {
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.write(Reg.RAL + 8 * 15, 0x0402_0002);
        bench.write(Reg.RAH + 8 * 15, 0x0806);
        bench.arrive("02:00:02:04:06:08", 64);
        bench.arrive(MAC, 65);
        assertThat(bench.awaitReceived(0) & 0xffff).as("not valid, no frame").isEqualTo(65);
        bench.write(Reg.RAH + 8 * 15, 0x0806 | Reg.RAH_VALID);
        bench.arrive("02:00:02:04:06:08", 66);
        assertThat(bench.awaitReceived(1) & 0xffff).isEqualTo(66);
    }

    @ParameterizedTest
    @CsvSource({"0,0,2048", "1,0,1024", "2,0,512", "3,0,256"})
    void longFramesAreScatteredOverBuffersOfEverySize(int size, int extension, int bytes) {
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_LONG_PACKETS | size << 16 | extension << 25);
        int length = 6 * bytes + 100;
        bench.arrive(MAC, length);
        bench.awaitReceived(6);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int i = 0; i < 7; i++) {
            int piece = (int) bench.received(i) & 0xffff;
            assertThat(piece).isEqualTo(i < 6 ? bytes : 100);
            assertThat(bench.received(i) & 1L << 33).as("EOP in the last one").isEqualTo(i < 6 ? 0 : 1L << 33);
            whole.writeBytes(bench.buffer(i, piece));
        }
        byte[] expected = new byte[length];
        MemorySegment.copy(bench.scratch, ValueLayout.JAVA_BYTE, 0, expected, 0, length);
        assertThat(whole.toByteArray()).isEqualTo(expected);
        assertThat(bench.read(Stat.GPRC)).isEqualTo(1);
        assertThat(bench.read(Stat.PRC64 + 20)).as("1,024 and more").isEqualTo(1);
    }

    @Test
    void aLongFrameWaitsForEnoughDescriptorsAndIsNotTornApart() {
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_LONG_PACKETS);
        bench.write(Reg.RDT, 2);
        bench.arrive(MAC, 9000);
        Bench.await("the count", () -> bench.read(Stat.RNBC) == 1);
        assertThat(bench.received(0)).isZero();
        bench.write(Reg.RDT, 7);
        bench.awaitReceived(4);
        assertThat(bench.received(4) & 0xffff).isEqualTo(9000 - 4 * 2048);
    }

    @Test
    void aFrameForWhichTheRingIsTooShortIsDroppedAndThoseBehindItPass() {
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_LONG_PACKETS | 3 << 16);
        bench.arrive(MAC, 2000);
        bench.arrive(MAC, 70);
        assertThat(bench.awaitReceived(0) & 0xffff).isEqualTo(70);
        assertThat(bench.read(Stat.RNBC)).isEqualTo(1);
    }

    @Test
    void theDescriptorMinimumIsToldOnce() {
        bench.write(Reg.IMC, -1);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        for (int i = 0; i < 3; i++) {
            bench.arrive(MAC, 64);
        }
        Bench.await("half of the descriptors to be used", () -> (bench.read(Reg.ICS) & Reg.RXDMT0) != 0);
        assertThat(bench.read(Reg.RDH)).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"192.0.2.1,192.0.2.2,true", "192.0.2.1,192.0.2.2,false", "2001:db8::1,2001:db8::2,true",
        "2001:db8::1,2001:db8::2,false"})
    void checksumsAreVerifiedAsRxcsumSays(String source, String destination, boolean tcp) {
        boolean ipv4 = source.indexOf(':') < 0;
        byte[] frame = Frames.ip(source, destination, tcp, 7, 9, Frames.payload(99));
        bench.write(Reg.RXCSUM, Reg.RXCSUM_IP | Reg.RXCSUM_TCP_UDP);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(frame);
        int status = (int) (bench.awaitReceived(0) >>> 32) & 0xff;
        assertThat(status & IXSM).isZero();
        assertThat(status & 1 << 6).as("IPCS").isEqualTo(ipv4 ? 1 << 6 : 0);
        assertThat(status & 1 << 5).as("TCPCS").isNotZero();
        assertThat(status & 1 << 4).as("UDPCS").isEqualTo(tcp ? 0 : 1 << 4);
        assertThat(bench.received(0) >>> 40 & 0xff).as("errors").isZero();
        byte[] bad = frame.clone();
        bad[bad.length - 1] ^= 1;
        bench.arrive(bad);
        assertThat(bench.awaitReceived(1) >>> 40 & 0xff).as("TCPE").isEqualTo(1 << 5);
        byte[] badHeader = frame.clone();
        badHeader[22] ^= 1;
        bench.arrive(badHeader);
        assertThat(bench.awaitReceived(2) >>> 40 & 1 << 6).as("IPE").isEqualTo(ipv4 ? 1 << 6 : 0);
        bench.write(Reg.RXCSUM, 0);
        bench.arrive(bad);
        assertThat(bench.awaitReceived(3) >>> 32 & IXSM).as("nobody looked").isNotZero();
        assertThat(bench.received(3) >>> 40 & 0xff).isZero();
    }

    @Test
    void aUdpChecksumOfZeroIsNoneAndFragmentsAreNotVerified() {
        bench.write(Reg.RXCSUM, Reg.RXCSUM_IP | Reg.RXCSUM_TCP_UDP);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        byte[] without = udp(Frames.OTHER_4, Frames.ADDRESS_4);
        Frames.put(without, 14 + 20 + 6, 0);
        bench.arrive(without);
        assertThat(bench.awaitReceived(0) >>> 32 & 1 << 5).as("TCPCS").isZero();
        assertThat(bench.received(0) >>> 40 & 0xff).isZero();
        byte[] fragment = tcp(Frames.OTHER_4, Frames.ADDRESS_4);
        fragment[20] = 0x20;
        bench.arrive(fragment);
        assertThat(bench.awaitReceived(1) >>> 32 & 1 << 5).as("TCPCS").isZero();
    }

    @Test
    void aTagHidesNoChecksum() {
        bench.write(Reg.RXCSUM, Reg.RXCSUM_IP | Reg.RXCSUM_TCP_UDP);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_VLAN);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(Frames.tagged(tcp(Frames.OTHER_6, Frames.ADDRESS_6), 5));
        assertThat(bench.awaitReceived(0) >>> 32 & 1 << 5).as("TCPCS").isNotZero();
        assertThat(bench.received(0) >>> 40 & 0xff).isZero();
    }

    @Test
    void extendedDescriptorsHaveSumAndIdentificationUnlessTheHashTakesTheirPlace() {
        bench.write(Reg.RFCTL, Reg.RFCTL_EXTENDED);
        bench.write(Reg.RXCSUM, 14 | Reg.RXCSUM_IP);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        byte[] frame = udp(Frames.OTHER_4, Frames.ADDRESS_4);
        bench.arrive(frame);
        assertThat(bench.awaitExtended(0) & 1 << 9).as("IPIDV").isNotZero();
        assertThat(bench.receivedFirst(0) >>> 32 & 0xffff).isEqualTo(0x1234);
        assertThat(bench.receivedFirst(0) >>> 48).isNotZero();
        byte[] bad = frame.clone();
        bad[24] ^= 1;
        bench.arrive(bad);
        assertThat(bench.awaitExtended(1) & 1 << 30).as("IPE").isNotZero();
        bench.write(Reg.RXCSUM, Reg.RXCSUM_NO_PACKET_SUM);
        bench.arrive(frame);
        bench.awaitExtended(2);
        assertThat(bench.receivedFirst(2)).as("no RSS, no hash").isZero();
    }

    @Test
    void damagedFramesAreCountedAndOnlyKeptIfAskedFor() {
        NicModel model = (NicModel) bench.function.model();
        model.wire().set(Wire.parse("corrupt=100%"));
        bench.startReceive(Reg.RCTL_STRIP_FCS | Reg.RCTL_MULTICAST_PROMISCUOUS | Reg.RCTL_UNICAST_PROMISCUOUS);
        bench.arrive(MAC, 64);
        Bench.await("the count", () -> bench.read(Stat.CRCERRS) == 1);
        assertThat(bench.received(0)).isZero();
        assertThat(bench.read(Stat.GPRC)).isZero();
        bench.write(Reg.RCTL, bench.read(Reg.RCTL) | Reg.RCTL_STORE_BAD);
        bench.arrive(MAC, 65);
        assertThat(bench.awaitReceived(0) >>> 40 & 0xff).as("CE").isEqualTo(1);
        assertThat(bench.read(Stat.CRCERRS)).isEqualTo(1);
        model.wire().set(Wire.PERFECT);
        bench.arrive(MAC, 66);
        assertThat(bench.awaitReceived(1) >>> 40 & 0xff).isZero();
    }

    @Test
    void aWireThatIsUnpluggedTakesTheLinkDownAndOneThatDelaysIsWaitedFor() throws Exception {
        NicModel model = (NicModel) bench.function.model();
        bench.write(Reg.IMC, -1);
        bench.read(Reg.ICR);
        model.wire().set(Wire.parse("down"));
        Bench.await("the link to go down", () -> (bench.read(Reg.STATUS) & Reg.STATUS_LINK_UP) == 0);
        assertThat(bench.read(Reg.ICS) & Reg.LSC).isNotZero();
        model.wire().set(Wire.parse("delay=3ms"));
        Bench.await("the link to come up", () -> (bench.read(Reg.STATUS) & Reg.STATUS_LINK_UP) != 0);
        bench.startReceive(Reg.RCTL_STRIP_FCS);
        bench.arrive(MAC, 64);
        assertThat(bench.awaitReceived(0) & 0xffff).isEqualTo(64);
    }

    @Test
    void theReceiverIsTurnedOffAndOnAndGoesOnWhereItWas() throws Exception {
        try (Bench older = new Bench(NicChip.I82545EM, System::nanoTime)) {
            older.startReceive(Reg.RCTL_STRIP_FCS);
            older.arrive(MAC, 64);
            older.awaitReceived(0);
            older.write(Reg.RCTL, Reg.RCTL_STRIP_FCS);
            older.arrive(MAC, 65);
            older.arrive(MAC, 66);
            older.startTransmit();
            older.write(Reg.RCTL, Reg.RCTL_STRIP_FCS | Reg.RCTL_ENABLE);
            Bench.await("a frame that comes later", () -> {
                older.arrive(MAC, 77);
                return (older.received(1) & 1L << 32) != 0;
            });
            assertThat(Arrays.asList(65L, 66L, 77L)).contains(older.received(1) & 0xffff);
        }
    }
}
