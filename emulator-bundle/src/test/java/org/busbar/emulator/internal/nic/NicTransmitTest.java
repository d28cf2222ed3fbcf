package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checksums, segmentation and tags on their way out, and queues that stop and start. */
@Timeout(60)
final class NicTransmitTest {

    private static final int ETHERNET = 14;
    private static final long EOP = 1L << 24;
    private static final long IFCS = 1L << 25;
    private static final long TSE = 1L << 26;
    private static final long RS = 1L << 27;
    private static final long DEXT = 1L << 29;
    private static final long VLE = 1L << 30;
    private static final long DATA = 1L << 20 | DEXT;
    private static final long IXSM = 1L << 40;
    private static final long TXSM = 1L << 41;
    private static final long TUCMD_TCP = 1L << 24;
    private static final long TUCMD_IP = 1L << 25;

    private Bench bench;

    @BeforeEach
    @BeforeTry
    void plugIn() throws Exception {
        bench = new Bench();
        bench.startTransmit();
    }

    @AfterEach
    @AfterTry
    void pull() {
        bench.close();
    }

    /** The first half of a context descriptor for a frame without tag. */
    private static long places(boolean ipv6, boolean tcp) {
        int transport = ETHERNET + (ipv6 ? 40 : 20);
        long ip = ipv6 ? ETHERNET : ETHERNET | (ETHERNET + 10) << 8 | (long) (transport - 1) << 16;
        return ip | (long) transport << 32 | (long) (transport + (tcp ? 16 : 6)) << 40;
    }

    private static byte[] unfinished(boolean ipv6, boolean tcp, int payload) {
        byte[] frame = Frames.unfinished(
                ipv6 ? Frames.ADDRESS_6 : Frames.ADDRESS_4,
                ipv6 ? Frames.OTHER_6 : Frames.OTHER_4,
                tcp,
                1000,
                2000,
                Frames.payload(payload));
        // For everybody, so that the switch lets it out.
        Arrays.fill(frame, 0, 6, (byte) 0xff);
        return frame;
    }

    private static void pseudo(byte[] frame, boolean ipv6, boolean tcp, boolean withLength) {
        int transport = ETHERNET + (ipv6 ? 40 : 20);
        int length = withLength ? frame.length - transport : 0;
        Frames.put(frame, transport + (tcp ? 16 : 6), Frames.pseudo(frame, ipv6, length));
    }

    @ParameterizedTest
    @CsvSource({"false,true", "false,false", "true,true", "true,false"})
    void checksumsAreInsertedWhereTheContextSays(boolean ipv6, boolean tcp) throws Exception {
        byte[] frame = unfinished(ipv6, tcp, 77);
        pseudo(frame, ipv6, tcp, true);
        assertThat(Frames.isRight(frame)).isFalse();
        long address = bench.out(frame);
        bench.descriptor(0, places(ipv6, tcp), DEXT | (tcp ? TUCMD_TCP : 0) | (ipv6 ? 0 : TUCMD_IP));
        bench.descriptor(1, address, 40 | DATA | TXSM | (ipv6 ? 0 : IXSM));
        bench.descriptor(2, address + 40, frame.length - 40 | DATA | EOP | IFCS | RS);
        bench.write(Reg.TDT, 3);
        byte[] sent = bench.takeFrame();
        assertThat(sent).hasSameSizeAs(frame);
        assertThat(Frames.isRight(sent)).isTrue();
    }

    @Test
    void aContextStaysUntilTheNextOne() throws Exception {
        byte[] frame = unfinished(false, false, 50);
        pseudo(frame, false, false, true);
        long address = bench.out(frame);
        bench.descriptor(0, places(false, false), DEXT | TUCMD_IP);
        for (int i = 1; i < 4; i++) {
            bench.descriptor(i, address, frame.length | DATA | EOP | IFCS | TXSM | IXSM);
        }
        bench.write(Reg.TDT, 4);
        for (int i = 1; i < 4; i++) {
            assertThat(Frames.isRight(bench.takeFrame())).isTrue();
        }
    }

    @Test
    void legacyDescriptorsInsertOneChecksum() throws Exception {
        byte[] frame = unfinished(true, false, 51);
        pseudo(frame, true, false, true);
        long start = ETHERNET + 40;
        bench.descriptor(0, bench.out(frame), frame.length | (start + 6) << 16 | EOP | IFCS | TSE | start << 40);
        bench.write(Reg.TDT, 1);
        assertThat(Frames.isRight(bench.takeFrame())).isTrue();
        bench.descriptor(1, bench.out(frame), frame.length | 255L << 16 | EOP | IFCS | TSE | 254L << 40);
        bench.write(Reg.TDT, 2);
        assertThat(bench.takeFrame()).as("outside the frame: left as it is").isEqualTo(frame);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void tagsAreInsertedIfVmeIsOn(boolean extended) throws Exception {
        byte[] frame = unfinished(false, false, 60);
        long command = frame.length | EOP | IFCS | VLE | (extended ? DATA : 0) | 0xa123L << 48;
        bench.descriptor(0, bench.out(frame), command);
        bench.write(Reg.TDT, 1);
        assertThat(bench.takeFrame()).as("VME off").isEqualTo(frame);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_VLAN);
        bench.descriptor(1, bench.out(frame), command);
        bench.write(Reg.TDT, 2);
        assertThat(bench.takeFrame()).isEqualTo(Frames.tagged(frame, 0xa123));
    }

    @Property(tries = 60)
    void segmentsCarryThePayloadAndAddUp(
            @ForAll boolean ipv6,
            @ForAll boolean tagged,
            @ForAll @IntRange(min = 1, max = 60_000) int payload,
            @ForAll @IntRange(min = 500, max = 9000) int mss)
            throws Exception {
        byte[] frame = unfinished(ipv6, true, 0);
        byte[] data = Frames.payload(payload);
        pseudo(frame, ipv6, true, false);
        int headers = frame.length;
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(frame);
        whole.writeBytes(data);
        bench.write(Reg.CTRL, bench.read(Reg.CTRL) | Reg.CTRL_VLAN);
        bench.descriptor(
                0,
                places(ipv6, true),
                payload | DEXT | TSE | TUCMD_TCP | (ipv6 ? 0 : TUCMD_IP) | (long) headers << 40 | (long) mss << 48);
        bench.descriptor(
                1,
                bench.out(whole.toByteArray()),
                whole.size() | DATA | TSE | EOP | IFCS | RS | TXSM | (ipv6 ? 0 : IXSM)
                        | (tagged ? VLE | 0x0123L << 48 : 0));
        bench.write(Reg.TDT, 2);
        Bench.await("the report", () -> (bench.sent(1) & 1L << 32) != 0);
        List<byte[]> segments = new ArrayList<>();
        for (int i = 0; i < (payload + mss - 1) / mss; i++) {
            byte[] segment = bench.takeFrame();
            if (tagged) {
                assertThat(Frames.get(segment, 14)).isEqualTo(0x0123);
                segment = untag(segment);
            }
            segments.add(segment);
        }
        assertThat(bench.peer.waiting()).isZero();
        check(segments, ipv6, headers, data);
        assertThat(bench.read(Stat.TSCTC)).isEqualTo(1);
        assertThat(bench.read(Stat.GPTC)).isEqualTo(segments.size());
    }

    private static byte[] untag(byte[] segment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(segment, 0, 12);
        out.write(segment, 16, segment.length - 16);
        return out.toByteArray();
    }

    private static void check(List<byte[]> segments, boolean ipv6, int headers, byte[] data) {
        int transport = ETHERNET + (ipv6 ? 40 : 20);
        ByteArrayOutputStream together = new ByteArrayOutputStream();
        for (int i = 0; i < segments.size(); i++) {
            byte[] segment = segments.get(i);
            assertThat(Frames.isRight(segment)).isTrue();
            int sequence = Frames.get(segment, transport + 4) << 16 | Frames.get(segment, transport + 6);
            assertThat(sequence).isEqualTo(0x0102_0304 + together.size());
            boolean last = i == segments.size() - 1;
            assertThat(segment[transport + 13] & 0x1f).as("FIN and PSH, ACK").isEqualTo(last ? 0x19 : 0x10);
            if (!ipv6) {
                assertThat(Frames.get(segment, ETHERNET + 4)).isEqualTo(0x1234 + i);
            }
            int end = ETHERNET + (ipv6 ? 40 + Frames.get(segment, 18) : Frames.get(segment, 16));
            together.write(segment, headers, end - headers);
        }
        assertThat(together.toByteArray()).isEqualTo(data);
    }

    @Test
    void aContextThatMakesNoSenseFailsAndIsCounted() {
        byte[] frame = unfinished(false, true, 500);
        bench.descriptor(0, places(false, true), 500 | DEXT | TSE | TUCMD_TCP | TUCMD_IP | 54L << 40);
        bench.descriptor(1, bench.out(frame), frame.length | DATA | TSE | EOP | IFCS | RS | TXSM | IXSM);
        bench.write(Reg.TDT, 2);
        Bench.await("the report", () -> (bench.sent(1) & 1L << 32) != 0);
        assertThat(bench.read(Stat.TSCTFC)).as("a segment size of zero").isEqualTo(1);
        assertThat(bench.peer.waiting()).isZero();
    }

    @Test
    void aQueueStopsAndStartsByTarcWhileTheOtherGoesOn() throws Exception {
        byte[] frame = unfinished(false, false, 60);
        int queue = Reg.QUEUE_STRIDE;
        bench.write(Reg.TDBAL + queue, (int) Bench.TX_RING_1);
        bench.write(Reg.TDLEN + queue, Bench.ENTRIES * 16);
        bench.write(Reg.TARC, bench.read(Reg.TARC) & ~Reg.TARC_ENABLE);
        long address = bench.out(frame);
        bench.descriptor(0, address, 60 | EOP | IFCS);
        bench.write(Reg.TDT, 1);
        bench.descriptor(0x200, address, 80 | EOP | IFCS | RS);
        bench.write(Reg.TDT + queue, 1);
        assertThat(bench.takeSent()).isEqualTo(80);
        assertThat(bench.read(Reg.TDH)).isZero();
        bench.write(Reg.TARC, bench.read(Reg.TARC) | Reg.TARC_ENABLE);
        assertThat(bench.takeSent()).isEqualTo(60);
    }

    @Test
    void lowDescriptorsAreTold() {
        bench.write(Reg.IMC, -1);
        bench.write(Reg.TDLEN, 256 * 16);
        bench.write(Reg.TXDCTL, 2 << 25);
        long address = bench.out(unfinished(false, false, 60));
        for (int i = 0; i < 20; i++) {
            bench.descriptor(i, address, 60 | EOP | IFCS);
        }
        bench.write(Reg.TDT, 20);
        Bench.await("TXD_LOW", () -> (bench.read(Reg.ICS) & Reg.TXD_LOW) != 0);
        assertThat(bench.read(Reg.ICS) & Reg.TXQE).isNotZero();
    }
}
