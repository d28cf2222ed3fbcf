package org.busbar.emulator.internal.nic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Receive-side scaling of the 82574L over two queues, with the published key and vectors. */
@Timeout(60)
final class NicRssTest {

    private static final byte[] KEY = HexFormat.of()
            .parseHex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");
    private static final int ALL_KINDS = 0x1f << 16;
    private static final int SECOND_QUEUE = 0x80;

    private Bench bench;

    @BeforeEach
    void plugIn() throws Exception {
        bench = new Bench();
        bench.write(Reg.RFCTL, Reg.RFCTL_EXTENDED);
        bench.write(Reg.RXCSUM, Reg.RXCSUM_NO_PACKET_SUM);
        for (int i = 0; i < KEY.length; i += 4) {
            bench.write(Reg.RSSRK + i, (KEY[i] & 0xff) | (KEY[i + 1] & 0xff) << 8 | (KEY[i + 2] & 0xff) << 16
                    | (KEY[i + 3] & 0xff) << 24);
        }
        bench.write(Reg.MRQC, 1 | ALL_KINDS);
        bench.startReceive1();
        bench.startReceive(Reg.RCTL_STRIP_FCS);
    }

    @AfterEach
    void pull() {
        bench.close();
    }

    private static byte[] vector(boolean tcp) {
        return Frames.ip("66.9.149.187", "161.142.100.80", tcp, 2794, 1766, Frames.payload(20));
    }

    private static byte[] vector6(boolean tcp) {
        return Frames.ip("3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", tcp, 2794, 1766, Frames.payload(20));
    }

    @ParameterizedTest
    @CsvSource({"true,false,51ccc178,1", "false,false,323e8fc2,2", "true,true,40207d3d,3", "false,true,2cc18cd5,5"})
    void hashAndKindAreInTheDescriptor(boolean tcp, boolean ipv6, String hash, int kind) {
        bench.arrive(ipv6 ? vector6(tcp) : vector(tcp));
        bench.awaitExtended(0);
        assertThat(HexFormat.of().toHexDigits((int) (bench.receivedFirst(0) >>> 32))).isEqualTo(hash);
        assertThat(bench.receivedFirst(0) & 0xf).isEqualTo(kind);
    }

    @Test
    void whatMrqcDoesNotNameIsHashedLessOrNotAtAll() {
        bench.write(Reg.MRQC, 1 | 1 << 17);
        bench.arrive(vector(true));
        bench.awaitExtended(0);
        assertThat(bench.receivedFirst(0) & 0xf).as("IPv4").isEqualTo(2);
        bench.arrive(vector6(true));
        bench.awaitExtended(1);
        assertThat(bench.receivedFirst(1)).isZero();
        bench.arrive(Bench.MAC.toString(), 64);
        bench.awaitExtended(2);
        assertThat(bench.receivedFirst(2)).as("no IP").isZero();
    }

    @Test
    void theTableChoosesTheQueueByTheLowerSevenBits() {
        // 0x51ccc178: entry 0x78.
        bench.write(Reg.RETA + 0x78, SECOND_QUEUE);
        bench.arrive(vector(true));
        Bench.await("the second queue", () -> (bench.received1(0) & 1) != 0);
        assertThat(bench.buffer(Bench.ENTRIES, 60)).startsWith(Arrays.copyOf(vector(true), 60));
        Bench.await("its head", () -> bench.read(Reg.RDH + Reg.QUEUE_STRIDE) == 1);
        assertThat(bench.read(Reg.RDH)).isZero();
        bench.arrive(vector(false));
        bench.awaitExtended(0);
        bench.write(Reg.RETA + 0x78, 0x7f);
        bench.arrive(vector(true));
        bench.awaitExtended(1);
    }

    @Test
    void eachQueueHasItsCauseAndItsVector() throws Exception {
        bench.write(Reg.IMC, -1);
        bench.read(Reg.ICR);
        bench.write(Reg.IVAR, (8 | 1) | (8 | 3) << 4);
        bench.write(Reg.IMS, Reg.RXQ0 | Reg.RXQ1);
        bench.write(Reg.RETA + 0x78, SECOND_QUEUE);
        bench.arrive(vector(true));
        assertThat(bench.vector()).isEqualTo(3);
        bench.arrive(vector(false));
        assertThat(bench.vector()).isEqualTo(1);
        assertThat(bench.read(Reg.ICR) & (Reg.RXQ0 | Reg.RXQ1)).isEqualTo(Reg.RXQ0 | Reg.RXQ1);
    }

    @Test
    void withoutPcsdOrExtendedDescriptorsThereIsOneQueue() {
        for (int i = 0; i < 128; i += 4) {
            bench.write(Reg.RETA + i, 0x8080_8080);
        }
        bench.write(Reg.RXCSUM, 0);
        bench.arrive(vector(true));
        bench.awaitExtended(0);
        bench.write(Reg.RXCSUM, Reg.RXCSUM_NO_PACKET_SUM);
        bench.write(Reg.RFCTL, 0);
        bench.arrive(vector(true));
        assertThat(bench.awaitReceived(1) & 1L << 33).isNotZero();
        assertThat(bench.received1(0)).isZero();
    }
}
