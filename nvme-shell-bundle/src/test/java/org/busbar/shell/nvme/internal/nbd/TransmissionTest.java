package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockStatus;
import org.busbar.shell.nvme.internal.FakeQueue.Kind;
import org.busbar.shell.nvme.internal.nbd.NbdClient.Reply;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransmissionTest {

    private static byte[] random(int bytes, long seed) {
        byte[] data = new byte[bytes];
        new Random(seed).nextBytes(data);
        return data;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsWrittenIsRead(boolean structured) throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), structured)) {
            byte[] data = random(128 << 10, 1); // the largest request: more than the device takes at once
            client.write(1, 4096, data, 0);
            assertThat(client.reply(0)).extracting(Reply::cookie, Reply::error).containsExactly(1L, 0);
            client.request(Nbd.CMD_READ, 0, 2, 4096, data.length);

            Reply read = client.reply(data.length);

            assertThat(read.cookie()).isEqualTo(2);
            assertThat(read.data()).isEqualTo(data);
            assertThat(server.device().blocks(8, 256)).isEqualTo(data);
            assertThat(server.export().statistics().bytesRead()).isEqualTo(data.length);
            assertThat(server.export().statistics().bytesWritten()).isEqualTo(data.length);
        }
    }

    @Test
    void manyRequestsAreUnderWayAndRepliesComeAsTheDeviceCompletes() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device().hold();
            server.device().reverse();
            for (int i = 0; i < 16; i++) {
                client.request(Nbd.CMD_READ, 0, i, i * 512L, 512);
            }
            server.device().awaitInFlight(16);
            server.device().release();

            List<Long> order = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                order.add(client.reply(512).cookie());
            }

            assertThat(order).containsExactlyInAnyOrderElementsOf(cookies(16)).startsWith(15L, 14L, 13L);
        }
    }

    @Test
    void moreRequestsThanThereIsRoomForWaitAndAreAllAnswered() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device().hold();
            for (int i = 0; i < 100; i++) {
                client.request(Nbd.CMD_READ, 0, i, 0, 64 << 10);
            }
            server.device().awaitInFlight(4); // four of 64 KiB are all the memory
            server.device().release();

            List<Long> order = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Reply reply = client.reply(64 << 10);
                assertThat(reply.data()).hasSize(64 << 10);
                order.add(reply.cookie());
            }

            assertThat(order).containsExactlyInAnyOrderElementsOf(cookies(100));
        }
    }

    private static List<Long> cookies(int count) {
        List<Long> cookies = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            cookies.add(i);
        }
        return cookies;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void durableWritesAreDurableWithAndWithoutTheDevicesHelp(boolean native_) throws Exception {
        Set<BlockFeature> features = native_ ? EnumSet.allOf(BlockFeature.class) : EnumSet.noneOf(BlockFeature.class);
        try (Server server = Server.of(512, features, true, Server.LIMITS);
                NbdClient client = NbdClient.ready(server.export(), true)) {
            client.write(1, 0, random(512, 1), 0);
            assertThat(client.reply(0).error()).isZero();
            assertThat(server.device().flushes()).isZero();
            client.write(2, 0, random(512, 2), Nbd.CMD_FLAG_FUA);
            assertThat(client.reply(0).error()).isZero();
            assertThat(server.device().flushes()).isEqualTo(1);
            client.request(Nbd.CMD_FLUSH, 0, 3, 0, 0);
            assertThat(client.reply(0)).extracting(Reply::cookie, Reply::error).containsExactly(3L, 0);
            assertThat(server.device().flushes()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void zeroesAreWrittenWithAndWithoutTheDevicesHelp(boolean native_) throws Exception {
        Set<BlockFeature> features = native_ ? EnumSet.allOf(BlockFeature.class) : EnumSet.noneOf(BlockFeature.class);
        try (Server server = Server.of(512, features, true, Server.LIMITS);
                NbdClient client = NbdClient.ready(server.export(), false)) {
            server.device().storage().fill((byte) 7);
            client.request(Nbd.CMD_WRITE_ZEROES, Nbd.CMD_FLAG_NO_HOLE, 1, 512, (Server.BLOCKS - 2) * 512L);

            assertThat(client.reply(0).error()).isZero();
            assertThat(server.device().blocks(0, 1)).containsOnly(7);
            assertThat(server.device().blocks(1, Server.BLOCKS - 2)).containsOnly(0);
            assertThat(server.device().blocks(Server.BLOCKS - 1, 1)).containsOnly(7);
        }
    }

    @Test
    void trimIsForDevicesThatCan() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), false)) {
            server.device().storage().fill((byte) 7);
            client.request(Nbd.CMD_TRIM, 0, 1, 0, Server.BLOCKS * 512L);
            assertThat(client.reply(0).error()).isZero();
            assertThat(server.device().blocks(0, Server.BLOCKS)).containsOnly(0);
        }
        try (Server server = Server.of(512, EnumSet.noneOf(BlockFeature.class), true, Server.LIMITS);
                NbdClient client = NbdClient.ready(server.export(), false)) {
            client.request(Nbd.CMD_TRIM, 0, 1, 0, 512);
            assertThat(client.reply(0).error()).isEqualTo(Nbd.ENOTSUP);
        }
    }

    @Test
    void whatCannotBeDoneHasItsErrorAndNothingElseIsLost() throws Exception {
        long end = Server.BLOCKS * 512L;
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            assertThat(error(client, Nbd.CMD_READ, 0, 1, 512)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 100)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 0)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, end, 512)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, -512, 1024)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, Long.MAX_VALUE & ~511, 1024)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 1 << 20)).isEqualTo(Nbd.EOVERFLOW);
            assertThat(error(client, Nbd.CMD_READ, 1 << 9, 0, 512)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, Nbd.CMD_WRITE_ZEROES, 0, end - 512, 1024)).isEqualTo(Nbd.ENOSPC);
            assertThat(error(client, Nbd.CMD_WRITE_ZEROES, 1 << 4, 0, 512)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, 5, 0, 0, 512)).isEqualTo(Nbd.EINVAL);
            assertThat(error(client, 7, 0, 0, 512)).isEqualTo(Nbd.EINVAL);
            client.write(9, 0, new byte[2 << 20], 0); // more than one may: read, and thrown away
            assertThat(client.reply(0).error()).isEqualTo(Nbd.EOVERFLOW);
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 512)).isZero();
            assertThat(server.export().statistics().errors()).isEqualTo(13);
        }
    }

    private static int error(NbdClient client, int type, int flags, long offset, long length) throws Exception {
        client.request(type, flags, 4711, offset, length);
        Reply reply = client.reply((int) length);
        assertThat(reply.cookie()).isEqualTo(4711);
        return reply.error();
    }

    @Test
    void aReadOnlyExportIsNotWritten() throws Exception {
        try (Server server = Server.of(512, EnumSet.allOf(BlockFeature.class), false, Server.LIMITS);
                NbdClient client = NbdClient.ready(server.export(), true)) {
            byte[] before = server.device().blocks(0, Server.BLOCKS);
            client.write(1, 0, random(4096, 1), 0);
            assertThat(client.reply(0)).extracting(Reply::error, Reply::text)
                    .containsExactly(Nbd.EPERM, "the export is read-only");
            assertThat(error(client, Nbd.CMD_TRIM, 0, 0, 512)).isEqualTo(Nbd.EPERM);
            assertThat(error(client, Nbd.CMD_WRITE_ZEROES, 0, 0, 512)).isEqualTo(Nbd.EPERM);
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 512)).isZero();
            assertThat(server.device().blocks(0, Server.BLOCKS)).isEqualTo(before);
        }
    }

    @Test
    void errorsOfTheDeviceArriveWithTheirWords() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device().fate((kind, block, blocks) -> block == 200 ? BlockStatus.MEDIA_ERROR : BlockStatus.OK);
            client.request(Nbd.CMD_READ, 0, 1, 72 * 512, 128 << 10); // two parts, the second of which fails
            assertThat(client.reply(0)).extracting(Reply::error, Reply::text)
                    .containsExactly(Nbd.EIO, "the medium failed");
            assertThat(error(client, Nbd.CMD_READ, 0, 0, 512)).isZero();
        }
    }

    @Test
    void aFailedFlushFailsTheDurableWrite() throws Exception {
        try (Server server = Server.of(512, EnumSet.noneOf(BlockFeature.class), true, Server.LIMITS);
                NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device()
                    .fate((kind, block, blocks) -> kind == Kind.FLUSH ? BlockStatus.DEVICE_ERROR : BlockStatus.OK);
            client.write(1, 0, random(512, 1), Nbd.CMD_FLAG_FUA);
            assertThat(client.reply(0).error()).isEqualTo(Nbd.EIO);
        }
    }

    @Test
    void goodbyeIsSaidAfterWhatIsUnderWay() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device().hold();
            client.write(1, 0, random(512, 1), 0);
            server.device().awaitInFlight(1);
            client.request(Nbd.CMD_DISC, 0, 2, 0, 0);
            server.device().release();

            assertThat(client.reply(0).cookie()).isEqualTo(1);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void L8_aDeviceThatGoesFailsWhatIsUnderWayAndEndsTheExport() throws Exception {
        try (Server server = Server.writable(); NbdClient client = NbdClient.ready(server.export(), true)) {
            server.device().hold();
            for (int i = 0; i < 10; i++) {
                client.request(Nbd.CMD_READ, 0, i, 0, 512);
            }
            server.device().awaitInFlight(10);
            server.device().yank();
            List<Long> answered = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Reply reply = client.reply(512);
                assertThat(reply.error()).isEqualTo(Nbd.ESHUTDOWN);
                answered.add(reply.cookie());
            }
            assertThat(answered).containsExactlyInAnyOrderElementsOf(cookies(10));
            client.request(Nbd.CMD_READ, 0, 11, 0, 512);
            assertThat(client.reply(512).error()).isEqualTo(Nbd.ESHUTDOWN);

            server.export().close();

            assertThat(client.isClosedByServer()).isTrue();
            assertThat(server.device().openQueues()).isZero();
        }
    }

    @Test
    void L6_anExportThatEndsLeavesNothing() throws Exception {
        Server server = Server.writable();
        try (NbdClient idle = NbdClient.ready(server.export(), true);
                NbdClient busy = NbdClient.ready(server.export(), true);
                NbdClient greeting = new NbdClient(server.export())) {
            server.device().hold();
            busy.request(Nbd.CMD_READ, 0, 1, 0, 512);
            server.device().awaitInFlight(1);
            Thread closer = Thread.ofPlatform().start(server.export()::close);
            assertThat(idle.isClosedByServer()).isTrue();
            assertThat(greeting.isClosedByServer()).isTrue();
            server.device().release();
            assertThat(busy.reply(512).cookie()).isEqualTo(1);
            assertThat(busy.isClosedByServer()).isTrue();
            assertThat(closer.join(java.time.Duration.ofSeconds(20))).isTrue();
            assertThat(server.export().connections()).isZero();
            assertThat(server.device().openQueues()).isZero();
        }
    }
}
