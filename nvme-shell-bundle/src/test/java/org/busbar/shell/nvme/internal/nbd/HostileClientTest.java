package org.busbar.shell.nvme.internal.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.busbar.block.BlockFeature;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client does, it is cut off, and the next is served. */
class HostileClientTest {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Server server;

    @BeforeEach
    void start() throws IOException {
        server = Server.of(512, EnumSet.allOf(BlockFeature.class), true, Server.IMPATIENT);
    }

    @AfterEach
    void othersAreServedAndNothingStays() throws Exception {
        try (Server _ = server) {
            server.awaitNoClients();
            try (NbdClient good = NbdClient.ready(server.export(), true)) {
                good.request(Nbd.CMD_READ, 0, 1, 0, 512);
                assertThat(good.reply(512).error()).isZero();
                good.request(Nbd.CMD_DISC, 0, 2, 0, 0);
                assertThat(good.isClosedByServer()).isTrue();
            }
        }
        assertThat(server.export().connections()).isZero();
        assertThat(server.device().openQueues()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void garbageInsteadOfAHandshake(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            byte[] garbage = new byte[1 + random.nextInt(200)];
            random.nextBytes(garbage);
            try (NbdClient client = new NbdClient(server.export())) {
                if (random.nextBoolean()) {
                    client.greet(Nbd.FIXED_NEWSTYLE);
                }
                client.out.write(garbage);
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("timed out"); // cut off while it talks
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void garbageInsteadOfRequests(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 10; i++) {
            try (NbdClient client = NbdClient.ready(server.export(), random.nextBoolean())) {
                byte[] garbage = new byte[28 + random.nextInt(400)];
                random.nextBytes(garbage);
                client.out.write(garbage);
                assertThat(client.isClosedByServer()).isTrue();
            }
        }
    }

    @Test
    void requestsWithRandomFieldsAreAnsweredOrCutOff() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            try (NbdClient client = NbdClient.ready(server.export(), true)) {
                for (int request = 0; request < 50; request++) {
                    int type = random.nextInt(9);
                    // Sizes of writes that have no data would be the slow client's case.
                    client.request(
                            type == Nbd.CMD_WRITE ? Nbd.CMD_READ : type,
                            random.nextInt(4),
                            request,
                            random.nextLong() >>> random.nextInt(64),
                            random.nextInt(1 << random.nextInt(31)));
                }
                client.request(Nbd.CMD_DISC, 0, 0, 0, 0);
                assertThat(client.isClosedByServer()).isTrue();
            } catch (IOException e) {
                assertThat(e).hasMessageNotContaining("timed out");
            }
        }
    }

    @Test
    void anOptionThatIsTooLong() throws Exception {
        try (NbdClient client = new NbdClient(server.export()).greet(Nbd.FIXED_NEWSTYLE)) {
            client.out.writeLong(Nbd.OPTION_MAGIC);
            client.out.writeInt(Nbd.OPT_GO);
            client.out.writeInt(Integer.MAX_VALUE);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void optionsWithoutEnd() throws Exception {
        try (NbdClient client = new NbdClient(server.export()).greet(Nbd.FIXED_NEWSTYLE)) {
            for (int i = 0; i < 64; i++) {
                client.option(Nbd.OPT_LIST, new byte[0]);
            }
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aWriteThatIsTooLargeToBeReadAtAll() throws Exception {
        try (NbdClient client = NbdClient.ready(server.export(), true)) {
            client.request(Nbd.CMD_WRITE, 0, 1, 0, 0xffff_fe00L);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 19})
    void aHandshakeThatStops(int bytes) throws Exception {
        try (NbdClient client = new NbdClient(server.export())) {
            client.out.write(new byte[] {0, 0, 0, 3, 'I', 'H', 'A', 'V', 'E', 'O', 'P', 'T', 0, 0, 0, 7, 0, 0, 0}, 0,
                    bytes);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void halfARequest() throws Exception {
        try (NbdClient client = NbdClient.ready(server.export(), true)) {
            client.out.writeInt(Nbd.REQUEST_MAGIC);
            assertThat(client.isClosedByServer()).isTrue();
        }
    }

    @Test
    void halfTheDataOfAWrite() throws Exception {
        byte[] before = server.device().blocks(0, 16);
        try (NbdClient client = NbdClient.ready(server.export(), true)) {
            client.request(Nbd.CMD_WRITE, 0, 1, 0, 8192);
            client.out.write(new byte[4096]);
            assertThat(client.isClosedByServer()).isTrue();
        }
        assertThat(server.device().blocks(0, 16)).isEqualTo(before);
    }

    @Test
    void aClientThatAsksAndNeverListens() throws Exception {
        try (NbdClient client = NbdClient.ready(server.export(), true)) {
            assertTimeoutPreemptively(PATIENCE, () -> assertThatIOException().isThrownBy(() -> {
                while (true) { // until neither side's socket holds more, and then until the server has had enough
                    client.request(Nbd.CMD_READ, 0, 1, 0, 128 << 10);
                }
            }));
        }
    }

    @Test
    void anIdleClientIsNoSlowOne() throws Exception {
        try (NbdClient client = NbdClient.ready(server.export(), true);
                NbdClient slow = new NbdClient(server.export())) {
            assertThat(slow.isClosedByServer()).isTrue(); // by then as much time has passed as a slow one has
            client.request(Nbd.CMD_READ, 0, 1, 0, 512);
            assertThat(client.reply(512).error()).isZero();
        }
    }

    @Test
    void moreClientsThanThereMayBe() throws Exception {
        List<NbdClient> clients = new ArrayList<>();
        for (int i = 0; i < Server.IMPATIENT.connections(); i++) {
            clients.add(NbdClient.ready(server.export(), true));
        }
        try (NbdClient oneMore = new NbdClient(server.export())) {
            assertThat(oneMore.isClosedByServer()).isTrue();
        }
        for (NbdClient client : clients) {
            client.request(Nbd.CMD_DISC, 0, 1, 0, 0);
            assertThat(client.isClosedByServer()).isTrue();
            client.close();
        }
    }

    @Test
    void aClientThatHangsUpInTheMiddleOfEverything() throws Exception {
        for (int i = 0; i < 30; i++) {
            try (NbdClient client = NbdClient.ready(server.export(), true)) {
                for (int request = 0; request <= i; request++) {
                    client.request(Nbd.CMD_READ, 0, request, 0, 4096);
                }
            }
        }
    }
}
