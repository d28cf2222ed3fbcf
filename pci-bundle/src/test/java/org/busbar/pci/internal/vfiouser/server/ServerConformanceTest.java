package org.busbar.pci.internal.vfiouser.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.SharedMemoryCalls;
import org.busbar.pci.internal.sys.SocketCalls;
import org.busbar.pci.internal.vfiouser.PlainFunction;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DeviceInfo;
import org.busbar.pci.internal.vfiouser.wire.DmaMap;
import org.busbar.pci.internal.vfiouser.wire.DmaUnmap;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.InterruptInfo;
import org.busbar.pci.internal.vfiouser.wire.InterruptSet;
import org.busbar.pci.internal.vfiouser.wire.Message;
import org.busbar.pci.internal.vfiouser.wire.MessageSocket;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.internal.vfiouser.wire.RegionInfo;
import org.busbar.pci.internal.vfiouser.wire.Version;
import org.busbar.pci.serve.ServedEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server against clients that we have not written: every message with what cannot be in it is refused, none hangs. */
class ServerConformanceTest {

    private static final long PATIENCE_MILLIS = 60_000;
    /** How many messages the fuzzer sends; a million with {@code -Dbusbar.fuzz.messages=1000000}. */
    private static final int FUZZ = Integer.getInteger("busbar.fuzz.messages", 20_000);

    private static final int PAGE = 4_096;
    private static final int EVENTFD = InterruptSet.DATA_EVENTFD | InterruptSet.ACTION_TRIGGER;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    @TempDir
    Path directory;

    private final PlainFunction card = new PlainFunction();
    private ServedEndpoint endpoint;
    private MessageSocket client;
    private Fd memory;
    private int nextId = 100;

    @BeforeEach
    void connect() throws Exception {
        endpoint = new FunctionServerService().serve(directory, card);
        memory = SharedMemoryCalls.create("memory", 4 * PAGE, false);
        client = connected();
        hello(client);
    }

    @AfterEach
    void end() throws Exception {
        client.close();
        try (MessageSocket next = connected()) {
            hello(next); // the server serves on, whatever the client has done
        }
        endpoint.close();
        memory.close();
    }

    private MessageSocket connected() throws IOException {
        return new MessageSocket(SocketCalls.connect(endpoint.socket()));
    }

    private static Deadline deadline() {
        return Deadline.afterMillis(PATIENCE_MILLIS);
    }

    private void hello(MessageSocket socket) throws IOException {
        try (Message reply = ask(socket, Command.VERSION, new Version(0, 1, 64, 1 << 20).encode())) {
            assertThat(Version.decode(reply.payload()).minor()).isEqualTo(1);
        }
    }

    private Message ask(MessageSocket socket, int command, ByteBuffer payload, Fd... descriptors) throws IOException {
        int id = nextId++ & 0xffff;
        socket.send(Header.command(id, command, payload.remaining()), payload, List.of(descriptors), deadline());
        Message reply = socket.receive(deadline());
        assertThat(reply).as("the reply to " + Command.name(command)).isNotNull();
        assertThat(reply.header().id()).isEqualTo(id);
        assertThat(reply.header().command()).isEqualTo(command);
        assertThat(reply.header().isReply()).isTrue();
        return reply;
    }

    private int error(int command, ByteBuffer payload, Fd... descriptors) throws IOException {
        try (Message reply = ask(client, command, payload, descriptors)) {
            assertThat(reply.header().isFailure()).isEqualTo(reply.header().error() != 0);
            if (reply.header().isFailure()) {
                assertThat(reply.header().size()).isEqualTo(Header.SIZE);
            }
            return reply.header().error();
        }
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void whatIsAskedRightlyIsAnswered() throws Exception {
        try (Message reply = ask(client, Command.DEVICE_GET_INFO, new DeviceInfo(0, 0, 0).encode())) {
            assertThat(DeviceInfo.decode(reply.payload())).isEqualTo(new DeviceInfo(3, 9, 5));
        }
        try (Message reply = ask(client, Command.DEVICE_GET_REGION_INFO, RegionInfo.question(0, 64).encode(false))) {
            assertThat(RegionInfo.decode(reply.payload()).sparse()).contains(
                    List.of(new RegionInfo.Area(0x1000, 0x1000)));
            assertThat(reply.descriptors().count()).isEqualTo(1);
        }
        try (Message reply = ask(client, Command.DEVICE_GET_REGION_INFO, RegionInfo.question(0, 32).encode(false))) {
            RegionInfo info = RegionInfo.decode(reply.payload());
            assertThat(info.argsz()).as("room that the areas need").isEqualTo(64);
            assertThat(reply.header().payload()).isEqualTo(32);
        }
        try (Message reply = ask(client, Command.DEVICE_GET_IRQ_INFO, new InterruptInfo(0, 2, 0).encode())) {
            assertThat(InterruptInfo.decode(reply.payload())).isEqualTo(new InterruptInfo(1, 2, PlainFunction.VECTORS));
        }
    }

    @Test
    void configurationSpaceIsReadAtOnce() throws Exception {
        try (Message reply = ask(client, Command.REGION_READ, new RegionAccess(0, 7, 256).encode(0).flip())) {
            assertThat(RegionAccess.decode(reply.payload())).isEqualTo(new RegionAccess(0, 7, 256));
            assertThat(reply.payload().remaining()).isEqualTo(256);
            assertThat(reply.payload().getInt()).isEqualTo(0x0010_1b36);
        }
    }

    @Test
    void unknownCommandsAreRefusedAndDirtyPagesPolitely() throws Exception {
        for (int command : new int[] {0, Command.VERSION, Command.DEVICE_GET_REGION_IO_FDS, Command.DMA_READ,
            Command.DMA_WRITE, Command.DIRTY_PAGES, 15, 0xffff}) {
            assertThat(error(command, bytes(32))).as("command %d", command).isEqualTo(Errno.EOPNOTSUPP);
        }
        assertThat(error(Command.DMA_UNMAP, new DmaUnmap(DmaUnmap.DIRTY_BITMAP, 0, PAGE).encode()))
                .isEqualTo(Errno.EOPNOTSUPP);
    }

    @Test
    void wrongSizesAreRefused() throws Exception {
        for (int command : new int[] {Command.DMA_MAP, Command.DMA_UNMAP, Command.DEVICE_GET_INFO,
            Command.DEVICE_GET_REGION_INFO, Command.DEVICE_GET_IRQ_INFO, Command.DEVICE_SET_IRQS, Command.REGION_READ,
            Command.REGION_WRITE}) {
            for (int size : new int[] {0, 1, 7, 15}) {
                assertThat(error(command, bytes(size))).as("%s of %d", Command.name(command), size)
                        .isEqualTo(Errno.EINVAL);
            }
        }
        assertThat(error(Command.DMA_MAP, bytes(33).putInt(0, 33))).isEqualTo(Errno.EINVAL);
        assertThat(error(Command.DEVICE_RESET, bytes(1))).isEqualTo(Errno.EINVAL);
        assertThat(error(Command.REGION_READ, new RegionAccess(0, 7, 4).encode(4).putInt(0).flip()))
                .isEqualTo(Errno.EINVAL);
        assertThat(error(Command.REGION_WRITE, new RegionAccess(0, 7, 4).encode(2).putShort((short) 0).flip()))
                .isEqualTo(Errno.EINVAL);
    }

    @Test
    void registersOutsideOfRegionsAreRefused() throws Exception {
        RegionAccess[] outside = {
            new RegionAccess(4_094, 7, 4), new RegionAccess(-1, 7, 1), new RegionAccess(Long.MAX_VALUE, 0, 8),
            new RegionAccess(0, 1, 4), new RegionAccess(0, 8, 1), new RegionAccess(0, 9, 1), new RegionAccess(0, -1, 1),
            new RegionAccess(0, 0, 0), new RegionAccess(0, 0, -1), new RegionAccess(0, 0, 0x4001)
        };
        for (RegionAccess access : outside) {
            assertThat(error(Command.REGION_READ, access.encode(0).flip())).as(access.toString())
                    .isEqualTo(Errno.EINVAL);
        }
        assertThat(error(Command.DEVICE_GET_REGION_INFO, RegionInfo.question(9, 64).encode(false)))
                .isEqualTo(Errno.EINVAL);
        assertThat(error(Command.DEVICE_GET_IRQ_INFO, new InterruptInfo(0, 5, 0).encode())).isEqualTo(Errno.EINVAL);
    }

    @Test
    void theMsixTableIsNotTheClients() throws Exception {
        assertThat(error(Command.REGION_WRITE, new RegionAccess(0x2008, 0, 4).encode(4).putInt(-1).flip())).isZero();

        assertThat(card.bar(0).read32(0x2008)).isZero();
    }

    @Test
    void memoryThatCannotBeIsRefused() throws Exception {
        assertThat(error(Command.DMA_MAP, new DmaMap(3, 0, 0x10_0000, 4 * PAGE).encode(), memory)).isZero();
        DmaMap[] impossible = {
            new DmaMap(3, 0, 0x20_0000, 5 * PAGE), new DmaMap(3, PAGE, 0x20_0000, 4 * PAGE),
            new DmaMap(3, 0, 0x20_0000, 0), new DmaMap(3, 0, 0x20_0000, -PAGE), new DmaMap(3, 0, 0x20_0000, 100),
            new DmaMap(3, 0, 0x20_0001, PAGE), new DmaMap(3, -PAGE, 0x20_0000, PAGE), new DmaMap(3, 1, 0x20_0000, PAGE),
            new DmaMap(0, 0, 0x20_0000, PAGE), new DmaMap(4, 0, 0x20_0000, PAGE), new DmaMap(3, 0, -PAGE, PAGE),
            new DmaMap(3, 0, Long.MAX_VALUE - PAGE + 1, PAGE), new DmaMap(3, 0, 0x20_0000, 1L << 40)
        };
        for (DmaMap map : impossible) {
            assertThat(error(Command.DMA_MAP, map.encode(), memory)).as(map.toString()).isEqualTo(Errno.EINVAL);
        }
        assertThat(error(Command.DMA_MAP, new DmaMap(3, 0, 0x10_3000, PAGE).encode(), memory)).isEqualTo(Errno.EEXIST);
        assertThat(error(Command.DMA_MAP, new DmaMap(3, 0, 0xf_f000, 2 * PAGE).encode(), memory))
                .isEqualTo(Errno.EEXIST);
        DmaMap good = new DmaMap(3, 0, 0x20_0000, PAGE);
        assertThat(error(Command.DMA_MAP, good.encode())).as("no descriptor").isEqualTo(Errno.EINVAL);
        assertThat(error(Command.DMA_MAP, good.encode(), memory, memory)).as("two").isEqualTo(Errno.EINVAL);
        try (Fd counter = EventCalls.eventfd("no memory")) {
            assertThat(error(Command.DMA_MAP, good.encode(), counter)).as("no memory").isEqualTo(Errno.EINVAL);
        }
        assertThat(error(Command.DMA_UNMAP, new DmaUnmap(0, 0x10_0000, PAGE).encode())).isEqualTo(Errno.ENOENT);
        assertThat(error(Command.DMA_UNMAP, new DmaUnmap(0, 0x10_1000, PAGE).encode())).isEqualTo(Errno.ENOENT);
        assertThat(error(Command.DMA_MAP, new DmaMap(1, 0, 0x20_0000, PAGE).encode(), memory)).as("read only").isZero();
        assertThat(error(Command.DMA_UNMAP, new DmaUnmap(DmaUnmap.ALL, 0, 0).encode())).isZero();
        assertThat(error(Command.DMA_MAP, new DmaMap(3, 0, 0x10_0000, PAGE).encode(), memory)).isZero();
    }

    @Test
    void interruptsThatCannotBeAreRefused() throws Exception {
        try (Fd counter = EventCalls.eventfd("vector")) {
            InterruptSet[] impossible = {
                new InterruptSet(EVENTFD, 0, 0, 1), new InterruptSet(EVENTFD, 1, 0, 1),
                new InterruptSet(EVENTFD, 9, 0, 1),
                new InterruptSet(EVENTFD, 2, PlainFunction.VECTORS, 1), new InterruptSet(EVENTFD, 2, -1, 1),
                new InterruptSet(EVENTFD, 2, Integer.MAX_VALUE, 1), new InterruptSet(EVENTFD, 2, 0, 2),
                new InterruptSet(EVENTFD, 2, 0, 0), new InterruptSet(EVENTFD, 2, 0, Integer.MIN_VALUE),
                new InterruptSet(InterruptSet.DATA_EVENTFD, 2, 0, 1), new InterruptSet(0x25, 2, 0, 1),
                new InterruptSet(0x24 | InterruptSet.ACTION_MASK, 2, 0, 1), new InterruptSet(0x21, 2, 0, 0)
            };
            for (InterruptSet set : impossible) {
                assertThat(error(Command.DEVICE_SET_IRQS, set.encode(), counter)).as(set.toString())
                        .isEqualTo(Errno.EINVAL);
            }
            assertThat(error(Command.DEVICE_SET_IRQS, new InterruptSet(EVENTFD, 2, 0, 1).encode(), memory))
                    .as("no event counter")
                    .isEqualTo(Errno.EINVAL);
            assertThat(error(Command.DEVICE_SET_IRQS, new InterruptSet(EVENTFD, 2, 3, 1).encode(), counter)).isZero();
            assertThat(error(Command.DEVICE_SET_IRQS, new InterruptSet(0x21, 2, 0, 0).encode())).isZero();
            assertThat(error(Command.DEVICE_SET_IRQS, new InterruptSet(0x22, 2, 0, 1).encode()))
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @Test
    void unwantedDescriptorsAreRefused() throws Exception {
        assertThat(error(Command.DEVICE_GET_INFO, new DeviceInfo(0, 0, 0).encode(), memory)).isEqualTo(Errno.EINVAL);
        assertThat(error(Command.DEVICE_RESET, NOTHING, memory, memory)).isEqualTo(Errno.EINVAL);
    }

    @Test
    void commandsThatWantNoReplyGetNone() throws Exception {
        ByteBuffer info = new DeviceInfo(0, 0, 0).encode();
        client.send(new Header(1, Command.DEVICE_GET_INFO, 32, 0x10, 0), info, List.of(), deadline());
        client.send(new Header(2, 99, 16, 0x10, 0), NOTHING, List.of(), deadline());

        assertThat(error(Command.DEVICE_RESET, NOTHING)).isZero();
    }

    @Test
    void aClientThatBeginsWithoutVersionIsRefused() throws Exception {
        client.close();
        try (MessageSocket rude = connected()) {
            try (Message reply = ask(rude, Command.DEVICE_GET_INFO, new DeviceInfo(0, 0, 0).encode())) {
                assertThat(reply.header().error()).isEqualTo(Errno.EINVAL);
            }
            assertThat(rude.receive(deadline())).isNull();
        }
        try (MessageSocket future = connected()) {
            try (Message reply = ask(future, Command.VERSION, new Version(1, 0, 1, 1).encode())) {
                assertThat(reply.header().error()).isEqualTo(Errno.EPROTONOSUPPORT);
            }
            assertThat(future.receive(deadline())).isNull();
        }
    }

    @Test
    void whatIsNoMessageEndsTheSession() throws Exception {
        client.send(new Header(1, Command.DMA_MAP, 16, 1, 0), NOTHING, List.of(), deadline()); // a reply

        assertThat(client.receive(deadline())).isNull();
    }

    @Test
    void aSecondClientWaitsForTheFirst() throws Exception {
        try (MessageSocket second = connected()) {
            CompletableFuture<Void> met = CompletableFuture.runAsync(() -> {
                try {
                    hello(second);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(error(Command.DEVICE_RESET, NOTHING)).isZero();
            assertThat(met).isNotDone();
            client.close();

            met.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Structures with numbers from everywhere, and noise: each is replied to; what is no message ends the session alone. */
    @Test
    void L5_messagesAtRandomAreAnsweredOrEndTheSession() throws Exception {
        long seed = Long.getLong("busbar.fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < FUZZ; i++) {
            int command = random.nextInt(20);
            ByteBuffer payload = noise(random, command);
            Fd[] descriptors = random.nextInt(4) == 0 ? new Fd[] {memory} : new Fd[0];
            int replied = error(command, payload, descriptors);
            assertThat(replied).as("seed %d, message %d", seed, i).isNotNegative();
            if (random.nextInt(2_000) == 0) {
                client.send(new Header(1, random.nextInt(), 16, 2 + random.nextInt(14), 0), NOTHING, List.of(),
                        deadline());
                assertThat(client.receive(deadline())).isNull();
                client.close();
                client = connected();
                hello(client);
            }
        }
        assertThat(endpoint.inUse()).isTrue();
    }

    private static ByteBuffer noise(Random random, int command) {
        long[] edges =
                {0, 1, 2, 4, 7, 8, 9, 64, PAGE, 0x10_0000, -1, Long.MAX_VALUE, Long.MIN_VALUE, random.nextLong()};
        int[] sizes = {0, 4, 16, 20, 24, 32, 36, random.nextInt(300)};
        int right = switch (command) {
            case Command.DMA_MAP, Command.DEVICE_GET_REGION_INFO -> 32;
            case Command.DMA_UNMAP -> 24;
            case Command.DEVICE_SET_IRQS -> 20;
            default -> 16;
        };
        ByteBuffer bytes = bytes(random.nextInt(3) > 0 ? right : sizes[random.nextInt(sizes.length)]);
        while (bytes.remaining() >= 8) {
            if (random.nextBoolean()) {
                bytes.putLong(edges[random.nextInt(edges.length)]);
            } else {
                bytes.putInt((int) edges[random.nextInt(edges.length)])
                        .putInt((int) edges[random.nextInt(edges.length)]);
            }
        }
        if (bytes.limit() >= 4 && random.nextInt(4) > 0 && command != Command.REGION_READ
                && command != Command.REGION_WRITE) {
            bytes.putInt(0, bytes.limit());
        }
        return bytes.clear();
    }
}
