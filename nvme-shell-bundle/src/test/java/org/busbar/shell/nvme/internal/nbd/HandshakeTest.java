package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import org.busbar.block.BlockFeature;
import org.busbar.shell.nvme.internal.nbd.NbdClient.OptionReply;
import org.junit.jupiter.api.Test;

class HandshakeTest {

    private static final int BOTH = Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES;
    private static final long BYTES = Server.BLOCKS * 512L;

    @Test
    void goTellsSizeFlagsAndBlockSizes() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            client.option(Nbd.OPT_GO,
                    NbdClient.go("fake/n1", Nbd.INFO_NAME, Nbd.INFO_DESCRIPTION, Nbd.INFO_BLOCK_SIZE));

            List<OptionReply> replies = client.replies();

            assertThat(replies).extracting(OptionReply::type)
                    .containsExactly(
                            Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_INFO, Nbd.REP_ACK);
            ByteBuffer export = ByteBuffer.wrap(replies.get(0).data());
            assertThat(export.getShort()).isEqualTo((short) Nbd.INFO_EXPORT);
            assertThat(export.getLong()).isEqualTo(BYTES);
            assertThat((int) export.getShort()).isEqualTo(Nbd.HAS_FLAGS | Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.SEND_TRIM
                    | Nbd.SEND_WRITE_ZEROES | Nbd.CAN_MULTI_CONN);
            ByteBuffer sizes = ByteBuffer.wrap(replies.get(1).data());
            assertThat(sizes.getShort()).isEqualTo((short) Nbd.INFO_BLOCK_SIZE);
            assertThat(List.of(sizes.getInt(), sizes.getInt(), sizes.getInt())).containsExactly(512, 4096, 128 << 10);
            assertThat(replies.get(2).text()).endsWith("fake/n1");
            assertThat(replies.get(3).text()).endsWith("a device in memory");
        }
    }

    @Test
    void aReadOnlyExportSaysSo() throws Exception {
        try (Server server = Server.of(512, EnumSet.allOf(BlockFeature.class), false, Server.LIMITS);
                NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            client.structured();
            client.option(Nbd.OPT_INFO, NbdClient.go(""));

            short flags = ByteBuffer.wrap(client.replies().getFirst().data()).getShort(10);

            assertThat((int) flags)
                    .isEqualTo(Nbd.HAS_FLAGS | Nbd.READ_ONLY | Nbd.SEND_FLUSH | Nbd.SEND_FUA | Nbd.SEND_DF
                            | Nbd.CAN_MULTI_CONN);
        }
    }

    @Test
    void infoDoesNotBeginTheData() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            client.option(Nbd.OPT_INFO, NbdClient.go("fake/n1"));
            assertThat(client.replies().getLast().type()).isEqualTo(Nbd.REP_ACK);
            client.option(Nbd.OPT_LIST, new byte[0]);

            List<OptionReply> replies = client.replies();

            assertThat(replies).extracting(OptionReply::type).containsExactly(Nbd.REP_SERVER, Nbd.REP_ACK);
            assertThat(replies.getFirst().text()).isEqualTo("\0\0\0\7fake/n1a device in memory");
            assertThat(server.device().openQueues()).isZero();
        }
    }

    @Test
    void theOldWayInWorksWithAndWithoutZeroes() throws Exception {
        try (Server server = Server.writable()) {
            for (int flags : new int[] {0, Nbd.FIXED_NEWSTYLE, Nbd.NO_ZEROES}) {
                try (NbdClient client = new NbdClient(server.export()).greet(flags)) {
                    client.option(Nbd.OPT_EXPORT_NAME, "fake/n1".getBytes(StandardCharsets.UTF_8));
                    assertThat(client.in.readLong()).isEqualTo(BYTES);
                    assertThat(client.in.readUnsignedShort() & Nbd.HAS_FLAGS).isEqualTo(1);
                    int zeroes = flags == Nbd.NO_ZEROES ? 0 : 124;
                    assertThat(client.in.readNBytes(zeroes)).isEqualTo(new byte[zeroes]);
                    client.request(Nbd.CMD_READ, 0, 77, 0, 512);
                    assertThat(client.reply(512).cookie()).isEqualTo(77);
                }
            }
        }
    }

    @Test
    void theOldWayInHasNoWayToSayNo() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            client.option(Nbd.OPT_EXPORT_NAME, "other".getBytes(StandardCharsets.UTF_8));

            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void abortIsAcknowledged() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            client.option(Nbd.OPT_ABORT, new byte[0]);

            assertThat(client.replies().getLast().type()).isEqualTo(Nbd.REP_ACK);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void whatIsWrongIsSaidAndTheHandshakeGoesOn() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            assertThat(refusal(client, 5, new byte[0])).isEqualTo(Nbd.REP_ERR_UNSUP);
            assertThat(refusal(client, 4711, new byte[100])).isEqualTo(Nbd.REP_ERR_UNSUP);
            assertThat(refusal(client, Nbd.OPT_LIST, new byte[1])).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(refusal(client, Nbd.OPT_STRUCTURED_REPLY, new byte[1])).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(refusal(client, Nbd.OPT_GO, NbdClient.go("other"))).isEqualTo(Nbd.REP_ERR_UNKNOWN);
            assertThat(refusal(client, Nbd.OPT_GO, new byte[3])).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(refusal(client, Nbd.OPT_GO, new byte[] {0x7f, -1, -1, -1, 0, 0})).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(refusal(client, Nbd.OPT_INFO, new byte[] {0, 0, 0, 0, 0, 9, 0})).isEqualTo(Nbd.REP_ERR_INVALID);
            assertThat(refusal(client, Nbd.OPT_GO, new byte[60_000])).isEqualTo(Nbd.REP_ERR_TOO_BIG);
            client.option(Nbd.OPT_GO, NbdClient.go(""));
            assertThat(client.replies().getLast().type()).isEqualTo(Nbd.REP_ACK);
        }
    }

    @Test
    void largeBlocksHaveToBeAskedFor() throws Exception {
        try (Server server = Server.of(4096, EnumSet.allOf(BlockFeature.class), true, Server.LIMITS);
                NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            assertThat(refusal(client, Nbd.OPT_GO, NbdClient.go(""))).isEqualTo(Nbd.REP_ERR_BLOCK_SIZE_REQD);
            client.option(Nbd.OPT_GO, NbdClient.go("", Nbd.INFO_BLOCK_SIZE));
            assertThat(client.replies().getLast().type()).isEqualTo(Nbd.REP_ACK);
        }
    }

    @Test
    void aDeviceThatIsGoneIsSaidToBe() throws Exception {
        try (Server server = Server.writable(); NbdClient client = new NbdClient(server.export()).greet(BOTH)) {
            server.device().yank();

            assertThat(refusal(client, Nbd.OPT_GO, NbdClient.go(""))).isEqualTo(Nbd.REP_ERR_SHUTDOWN);
        }
    }

    private static int refusal(NbdClient client, int option, byte[] data) throws Exception {
        client.option(option, data);
        OptionReply reply = client.replies().getLast();
        assertThat(reply.option()).isEqualTo(option);
        return reply.type();
    }
}
