package org.busbar.pci.internal.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.DmaException;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.vfiouser.ScriptedServer.Lie;
import org.busbar.pci.internal.vfiouser.server.FunctionServerService;
import org.busbar.pci.internal.vfiouser.wire.Command;
import org.busbar.pci.internal.vfiouser.wire.DmaAccess;
import org.busbar.pci.internal.vfiouser.wire.Header;
import org.busbar.pci.internal.vfiouser.wire.RegionAccess;
import org.busbar.pci.serve.ServedEndpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Servers that lie, stall, stop in the middle, and send what they should not: their endpoint is closed, with the reason, and
 * that of an honest neighbour goes on as if nothing were.
 */
class HostileServersTest {

    private static final long PATIENCE_MILLIS = 3_000;
    private static final long LONG_MILLIS = 60_000;
    private static final int PAGE = 4_096;

    @TempDir
    Path directory;

    private ServedEndpoint neighbour;
    private WatchedHost watched;
    private HostFunction honest;

    @BeforeEach
    void startTheNeighbour() throws Exception {
        neighbour = new FunctionServerService().serve(directory.resolve("honest"), new PlainFunction());
        watched = new WatchedHost(directory, PATIENCE_MILLIS);
        honest = watched.function();
    }

    @AfterEach
    void theNeighbourIsStillThere() {
        HostSnapshot last = watched.host.scan(null);
        watched.close();
        neighbour.close();
        assertThat(last.functions()).as("the honest neighbour").contains(honest);
    }

    @ParameterizedTest
    @MethodSource("org.busbar.pci.internal.vfiouser.Lies#all")
    void L5_aLiarIsHungUpOnWithTheReason(Lies.Case lie) throws Exception {
        try (ScriptedServer _ = new ScriptedServer(directory.resolve("liar"), Map.of(lie.command(), lie.lie()))) {
            watched.until("told of " + lie.reason(), snapshot -> snapshot.problems()
                    .stream()
                    .anyMatch(problem -> problem.toString().contains("liar/cntrl")
                            && problem.toString().contains(lie.reason())));
        }
    }

    @Test
    void L6_liarsLeaveNothingBehind() throws Exception {
        long before = descriptors();
        Lie twoDescriptors = (server, question) -> server.reply(
                question, Lies.region(7, Lies.index(question), 64), server.memory(), server.memory());
        for (int round = 0; round < 10; round++) {
            Path liar = directory.resolve("liar" + round);
            try (ScriptedServer _ = new ScriptedServer(liar, Map.of(Command.DEVICE_GET_REGION_INFO, twoDescriptors))) {
                watched.until("told", snapshot -> snapshot.problems().toString().contains("came with 2"));
            }
            Files.delete(liar.resolve("cntrl"));
            watched.until("forgotten", snapshot -> !snapshot.problems().toString().contains("came with 2"));
        }
        // Room for what keepers have open for a moment; a leak would be two for each round.
        assertThat(descriptors()).isLessThan(before + 10);
    }

    @Test
    void L5_aStallWhileMemoryIsMappedIsTheEnd() throws Exception {
        stall(Command.DMA_MAP, handle -> assertThatThrownBy(() -> handle.dma().map(0x20_0000, PAGE))
                .isInstanceOf(DmaException.class)
                .hasMessageContaining("did not answer DMA_MAP"));
    }

    @Test
    void L5_aStallWhileMemoryIsUnmappedIsTheEndAndMemoryIsFreed() throws Exception {
        stall(Command.DMA_UNMAP, handle -> {
            MemorySegment memory = handle.dma().map(0x20_0000, PAGE);
            handle.dma().unmap(0x20_0000);
            assertThat(memory.scope().isAlive()).isFalse();
        });
    }

    @Test
    void L5_aStallOfARegisterIsTheEnd() throws Exception {
        Lie stalled = (server, question) -> {
            if (RegionAccess.decode(question.payload().duplicate().order(question.payload().order())).region() == 7) {
                server.honest(question);
            }
        };
        use(Map.of(Command.REGION_READ, stalled), handle -> {
            Bar bar = handle.bar(0);
            assertThatThrownBy(() -> bar.read32(0)).isInstanceOf(DeviceGoneException.class);
        });
    }

    @Test
    void L5_aStallOfInterruptsIsTheEnd() throws Exception {
        stall(Command.DEVICE_SET_IRQS,
                handle -> assertThatThrownBy(() -> handle.interrupts().enable(2, vector -> {}))
                        .isInstanceOf(IOException.class));
    }

    @Test
    void L5_aStallOfAResetIsTheEnd() throws Exception {
        stall(Command.DEVICE_RESET,
                handle -> assertThatThrownBy(() -> handle.reset(Deadline.afterMillis(LONG_MILLIS)))
                        .isInstanceOf(IOException.class));
    }

    @Test
    void L5_aResetIsGivenUpAtItsDeadline() throws Exception {
        stall(Command.DEVICE_RESET,
                handle -> assertThatThrownBy(() -> handle.reset(Deadline.afterMillis(100)))
                        .isInstanceOf(DeviceTimeoutException.class)
                        .hasMessageContaining("did not answer DEVICE_RESET"));
    }

    @Test
    void memoryThatIsRefusedIsAnErrorAndNoMore() throws Exception {
        try (ScriptedServer _ = new ScriptedServer(directory.resolve("liar"), Map.of(Command.DMA_MAP,
                (server, question) -> server.refuse(question, Errno.ENOSPC)))) {
            HostFunction liar = liar();
            try (FunctionHandle handle = watched.host.open(liar, new Quiet())) {
                assertThatThrownBy(() -> handle.dma().map(0x20_0000, PAGE)).isInstanceOf(DmaException.class)
                        .hasMessageContaining("ENOSPC");
                assertThat(handle.bar(0).read32(0)).isZero();
            }
        }
    }

    @Test
    void aServerThatDoesNotLetGoOfMemoryIsHungUpOn() throws Exception {
        use(Map.of(Command.DMA_UNMAP, (server, question) -> server.refuse(question, Errno.EBUSY)), handle -> {
            MemorySegment memory = handle.dma().map(0x20_0000, PAGE);
            handle.dma().unmap(0x20_0000);
            assertThat(memory.scope().isAlive()).isFalse();
        });
    }

    @Test
    void aServersRequestsReachWhatIsMappedAndNothingElse() throws Exception {
        BlockingQueue<Header> replies = new LinkedBlockingQueue<>();
        BlockingQueue<Long> read = new LinkedBlockingQueue<>();
        Lie noted = (server, reply) -> {
            replies.add(reply.header());
            if (!reply.header().isFailure() && reply.header().command() == Command.DMA_READ) {
                DmaAccess _ = DmaAccess.decode(reply.payload());
                read.add(reply.payload().getLong());
            }
        };
        Lie asking = (server, question) -> {
            ask(server, Command.DMA_WRITE, new DmaAccess(0x20_0010, 8), 42);
            ask(server, Command.DMA_READ, new DmaAccess(0x20_0010, 8), -1);
            ask(server, Command.DMA_READ, new DmaAccess(0x20_0000 + PAGE - 4, 8), -1);
            ask(server, Command.DMA_READ, new DmaAccess(0x20_0000, Long.MAX_VALUE), -1);
            ask(server, Command.DMA_WRITE, new DmaAccess(-8, 8), 42);
            ask(server, Command.DIRTY_PAGES, new DmaAccess(0, 0), -1);
            server.honest(question);
        };
        try (ScriptedServer _ = new ScriptedServer(directory.resolve("liar"), Map.of(
                Command.DEVICE_RESET, asking, -Command.DMA_READ, noted, -Command.DMA_WRITE, noted,
                -Command.DIRTY_PAGES, noted))) {
            try (FunctionHandle handle = watched.host.open(liar(), new Quiet())) {
                MemorySegment memory = handle.dma().map(0x20_0000, PAGE);
                handle.reset(Deadline.afterMillis(LONG_MILLIS));

                assertThat(memory.get(ValueLayout.JAVA_LONG, 0x10)).isEqualTo(42);
                assertThat(read.poll(LONG_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo(42);
                assertThat(errors(replies, 6)).containsExactly(
                        0, 0, Errno.EFAULT, Errno.EINVAL, Errno.EFAULT, Errno.EOPNOTSUPP);
            }
        }
    }

    private static List<Integer> errors(BlockingQueue<Header> replies, int count) throws InterruptedException {
        List<Integer> errors = new java.util.ArrayList<>();
        for (int i = 0; i < count; i++) {
            Header reply = replies.poll(LONG_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(reply).isNotNull();
            errors.add(reply.error());
        }
        return errors;
    }

    /** Asks for memory, with data if it is not negative. */
    private static void ask(ScriptedServer server, int command, DmaAccess access, long data) throws IOException {
        ByteBuffer payload = access.encode(data < 0 ? 0 : 8);
        if (data >= 0) {
            payload.putLong(data);
        }
        payload.flip();
        server.send(Header.command(9, command, payload.remaining()), payload);
    }

    private interface Use {
        void use(FunctionHandle handle) throws Exception;
    }

    private void stall(int command, Use use) throws Exception {
        use(Map.of(command, (server, question) -> {}), use);
    }

    /** Opens a liar's device, does something with it, and waits until the device is gone. */
    private void use(Map<Integer, Lie> lies, Use use) throws Exception {
        try (ScriptedServer _ = new ScriptedServer(directory.resolve("liar"), lies)) {
            HostFunction liar = liar();
            try (FunctionHandle handle = watched.host.open(liar, new Quiet())) {
                use.use(handle);
                watched.until("gone", snapshot -> !snapshot.functions().contains(liar));
            }
        }
    }

    private HostFunction liar() throws InterruptedException {
        return watched.until("there", snapshot -> snapshot.functions().size() == 2)
                .functions()
                .stream()
                .filter(function -> function != honest)
                .findFirst()
                .orElseThrow();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Listens to nothing. */
    private static final class Quiet implements FunctionNotices {
        @Override
        public void ejectRequested() {}

        @Override
        public void ejectCancelled() {}

        @Override
        public void maybeGone() {}

        @Override
        public void error(String what) {}
    }
}
