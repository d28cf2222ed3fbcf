package org.busbar.emulator.internal.virtio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import org.busbar.emulator.internal.nic.Frames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Receive-side scaling and hash reports (5.1.6.4.3, 5.1.6.5.6, 5.1.6.5.7), with the published key and vectors. */
@Timeout(60)
final class VirtioSpreadTest {

    private static final byte[] KEY = HexFormat.of()
            .parseHex("6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa");
    private static final int ALL = 0x3f;

    private MiniVirtio driver;

    @BeforeEach
    void plugIn() throws Exception {
        driver = new MiniVirtio(4);
    }

    @AfterEach
    void pull() {
        driver.close();
    }

    private void run(long features) {
        driver.begin(features | Virtio.CTRL_VQ);
        for (int queue = 0; queue < 8; queue += 2) {
            driver.offerReceive(queue, 8, 2048);
        }
        driver.run();
    }

    private static byte[] rss(int types, int unclassified, int transmit, byte[] key, int... table) {
        ByteBuffer command = ByteBuffer.allocate(2 + 8 + 2 * table.length + 3 + key.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 4)
                .put((byte) 1)
                .putInt(types)
                .putShort((short) (table.length - 1))
                .putShort((short) unclassified);
        for (int queue : table) {
            command.putShort((short) queue);
        }
        return command.putShort((short) transmit).put((byte) key.length).put(key).array();
    }

    private static byte[] vector(boolean ipv6, boolean tcp) {
        return ipv6
                ? Frames.ip("3ffe:2501:200:1fff::7", "3ffe:2501:200:3::1", tcp, 2794, 1766, new byte[20])
                : Frames.ip("66.9.149.187", "161.142.100.80", tcp, 2794, 1766, new byte[20]);
    }

    @Test
    void theConfigurationSpaceSaysWhatIsPossible() {
        assertThat(driver.bar.read8(Virtio.DEVICE + 17)).as("rss_max_key_size").isEqualTo(40);
        assertThat(driver.bar.read16(Virtio.DEVICE + 18)).as("rss_max_indirection_table_length").isEqualTo(128);
        assertThat(driver.bar.read32(Virtio.DEVICE + 20)).as("supported_hash_types").isEqualTo(ALL);
    }

    @ParameterizedTest
    @CsvSource({"false,true,51ccc178,2", "true,true,40207d3d,5"})
    void hashAndWhatWasHashedAreReported(boolean ipv6, boolean tcp, String hash, int report) {
        run(Virtio.HASH_REPORT);
        ByteArrayOutputStream command = new ByteArrayOutputStream();
        command.writeBytes(new byte[] {4, 2, ALL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40});
        command.writeBytes(KEY);
        assertThat(driver.command(command.toByteArray())).isTrue();
        byte[] frame = vector(ipv6, tcp);
        driver.arrive(frame);
        MiniVirtio.await("the frame", () -> driver.used(0) == 1);
        assertThat(driver.usedLength(0, 0)).isEqualTo(20 + frame.length);
        ByteBuffer header = ByteBuffer.wrap(driver.bytes(0, 0, 20)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(HexFormat.of().toHexDigits(header.getInt(12))).isEqualTo(hash);
        assertThat(header.getInt(16)).isEqualTo(report);
        assertThat(driver.bytes(0, 0, 20 + frame.length)).endsWith(frame);
    }

    @Test
    void frameWithoutIpHaveNoHash() {
        run(Virtio.HASH_REPORT);
        driver.arrive(Arrays.copyOf(new byte[] {-1, -1, -1, -1, -1, -1, 2, 0, 0, 0, 0, 9, 8, 6}, 60));
        MiniVirtio.await("the frame", () -> driver.used(0) == 1);
        assertThat(driver.bytes(0, 0, 20)).endsWith(0, 0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void theTableChoosesTheVirtqueueAndOthersGoWhereTheyAreSaidTo() {
        run(Virtio.RSS | Virtio.MQ);
        // 0x51ccc178: entry 0 of 8; UDP over IPv4 without its own type is hashed by addresses, 0x323e8fc2: entry 2.
        assertThat(driver.command(rss(3, 3, 4, KEY, 2, 0, 1, 0, 0, 0, 0, 0))).isTrue();
        driver.arrive(vector(false, true));
        MiniVirtio.await("by ports", () -> driver.used(4) == 1);
        driver.arrive(vector(false, false));
        MiniVirtio.await("by addresses", () -> driver.used(2) == 1);
        driver.arrive(vector(true, true));
        MiniVirtio.await("without hash", () -> driver.used(6) == 1);
        assertThat(driver.used(0)).isZero();
    }

    @Test
    void L5_configurationsThatMakeNoSenseAreRefusedAndChangeNothing() {
        run(Virtio.RSS | Virtio.MQ);
        assertThat(driver.command(rss(2, 0, 4, KEY, 1))).isTrue();
        byte[] good = rss(2, 0, 4, KEY, 2, 2);
        assertThat(driver.command(rss(2, 4, 4, KEY, 0))).as("no such virtqueue").isFalse();
        assertThat(driver.command(rss(2, 0, 4, KEY, 0, 4))).as("nor this one").isFalse();
        assertThat(driver.command(rss(2, 0, 0, KEY, 0))).as("nothing to transmit with").isFalse();
        assertThat(driver.command(rss(2, 0, 4, KEY, 0, 0, 0))).as("no power of two").isFalse();
        assertThat(driver.command(rss(2, 0, 4, new byte[41], 0))).as("key too long").isFalse();
        assertThat(driver.command(rss(0x40, 0, 4, KEY, 0))).as("type not offered").isFalse();
        assertThat(driver.command(rss(2, 0, 4, KEY, new int[256]))).as("table too long").isFalse();
        for (int length = 2; length < good.length; length++) {
            assertThat(driver.command(Arrays.copyOf(good, length))).as("cut off").isFalse();
        }
        driver.arrive(vector(false, true));
        MiniVirtio.await("the one configured before", () -> driver.used(2) == 1);
    }

    @Test
    void withoutTheFeatureTheCommandsAreRefused() {
        run(Virtio.MQ);
        assertThat(driver.command(rss(2, 0, 4, KEY, 0))).isFalse();
        assertThat(driver.command(new byte[] {4, 0, 4, 0})).isTrue();
        assertThat(driver.command(new byte[] {4, 0, 5, 0})).isFalse();
    }
}
