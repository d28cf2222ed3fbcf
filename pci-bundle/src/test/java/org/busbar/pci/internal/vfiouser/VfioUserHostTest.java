package org.busbar.pci.internal.vfiouser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.Bar;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.vfiouser.server.FunctionServerService;
import org.busbar.pci.serve.ServedEndpoint;
import org.busbar.pci.serve.ServedFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Host and server against each other, over sockets, in one process. */
class VfioUserHostTest {

    private static final long PATIENCE_MILLIS = 60_000;
    private static final long PAGE = 4_096;

    @TempDir
    Path directory;

    private final PlainFunction card = new PlainFunction();
    private final FunctionServerService server = new FunctionServerService();
    private final CountDownLatch maybeGone = new CountDownLatch(1);
    private ServedEndpoint endpoint;
    private WatchedHost watched;

    @BeforeEach
    void start() throws Exception {
        endpoint = server.serve(directory.resolve("ssd"), card);
        watched = new WatchedHost(directory, PATIENCE_MILLIS);
    }

    @AfterEach
    void stop() {
        watched.close();
        endpoint.close();
    }

    private final class Notices implements FunctionNotices {
        @Override
        public void ejectRequested() {}

        @Override
        public void ejectCancelled() {}

        @Override
        public void maybeGone() {
            maybeGone.countDown();
        }

        @Override
        public void error(String what) {}
    }

    private FunctionHandle open() throws Exception {
        return watched.host.open(watched.function(), new Notices());
    }

    @Test
    void L1_anEndpointIsASlotWithItsFunction() throws Exception {
        UserFunction function = watched.function();

        assertThat(function.address()).isEqualTo(new PciAddress(0xf000, 1, 0, 0));
        assertThat(function.slot()).contains("ssd");
        assertThat(function.ids()).isEqualTo(card.ids());
        assertThat(function.revision()).hasValue(3);
        assertThat(function.bars()).containsExactly(
                new BarInfo(0, PlainFunction.BAR_SIZE, BarInfo.Kind.MEMORY64, false));
        assertThat(function.config().read32(8)).isEqualTo(0x010802_03);
        HostSnapshot snapshot = watched.host.scan(null);
        assertThat(watched.host.scan(snapshot)).isSameAs(snapshot);
        assertThat(endpoint.inUse()).isTrue();
    }

    @Test
    void registersAreReadAndWrittenByMessage() throws Exception {
        try (FunctionHandle handle = open()) {
            Bar bar = handle.bar(0);
            bar.write32(0x14, 0xdeadbeef);
            bar.write64(0x28, 0x0123_4567_89ab_cdefL);
            bar.write16(0x32, 0xabcd);
            bar.write8(0x35, 0x7f);

            assertThat(bar.read32(0x14)).isEqualTo(0xdeadbeef);
            assertThat(bar.read64(0x28)).isEqualTo(0x0123_4567_89ab_cdefL);
            assertThat(bar.read16(0x32)).isEqualTo(0xabcd);
            assertThat(bar.read8(0x35)).isEqualTo(0x7f);
            assertThat(bar.isMapped()).isFalse();
            assertThat(bar.size()).isEqualTo(PlainFunction.BAR_SIZE);
            assertThat(handle.config().read16(4) & 6).as("memory decoding and bus mastering").isEqualTo(6);
            assertThatThrownBy(() -> handle.bar(1)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void doorbellsAreWrittenInMemory() throws Exception {
        try (FunctionHandle handle = open()) {
            handle.bar(0).write32(PlainFunction.DOORBELLS + 8, 77);

            MemorySegment rung = card.rung;
            assertThat(rung.get(ValueLayout.JAVA_INT, 8)).isEqualTo(77);
            assertThat(rung.get(ValueLayout.JAVA_INT, 12)).isEqualTo(ServedFunction.NOT_RUNG);
            assertThat(card.bar(0).read32(PlainFunction.DOORBELLS + 8)).as("by message").isZero();
        }
    }

    @Test
    void memoryIsSharedUntilItIsUnmapped() throws Exception {
        try (FunctionHandle handle = open()) {
            MemorySegment memory = handle.dma().map(0x20_0000, 4 * PAGE);
            MemorySegment theirs = card.mappings.get(0x20_0000L);
            theirs.set(ValueLayout.JAVA_LONG, PAGE, 42);
            memory.set(ValueLayout.JAVA_LONG, 0, 43);

            assertThat(theirs.byteSize()).isEqualTo(4 * PAGE);
            assertThat(memory.get(ValueLayout.JAVA_LONG, PAGE)).isEqualTo(42);
            assertThat(theirs.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(43);

            handle.dma().unmap(0x20_0000);

            assertThat(card.mappings).isEmpty();
            assertThat(memory.scope().isAlive()).isFalse();
        }
    }

    @Test
    void everyVectorArrivesThoughOneMessageHoldsFewer() throws Exception {
        try (FunctionHandle handle = open()) {
            SynchronousQueue<Integer> fired = new SynchronousQueue<>();
            handle.interrupts().enable(PlainFunction.VECTORS, vector -> {
                try {
                    boolean _ = fired.offer(vector, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            for (int vector = 0; vector < PlainFunction.VECTORS; vector++) {
                card.sink.fired(vector);
                assertThat(fired.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo(vector);
            }
            assertThat(card.config().read16(0x42) & 0x8000).as("MSI-X enable").isNotZero();

            handle.interrupts().disable();

            assertThat(card.sink).isNull();
            assertThat(card.config().read16(0x42) & 0x8000).as("MSI-X enable").isZero();
        }
    }

    @Test
    void resetReachesTheDevice() throws Exception {
        try (FunctionHandle handle = open()) {
            handle.reset(Deadline.afterMillis(PATIENCE_MILLIS));

            assertThat(card.resets).hasValue(1);
        }
        assertThat(card.resets).as("and after its use").hasValue(2);
    }

    @Test
    void aFunctionIsOpenOnce() throws Exception {
        FunctionHandle first = open();

        assertThatThrownBy(this::open).isInstanceOfSatisfying(OpenException.class,
                e -> assertThat(e.reason()).isEqualTo(OpenException.Reason.BUSY));
        first.close();
        open().close();
    }

    @Test
    void L8_aServerThatHangsUpIsASurpriseRemoval() throws Exception {
        UserFunction function = watched.function();
        try (FunctionHandle handle = open()) {
            Bar bar = handle.bar(0);
            MemorySegment memory = handle.dma().map(0x20_0000, PAGE);
            endpoint.close();

            assertThat(maybeGone.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            watched.until("gone", snapshot -> snapshot.functions().isEmpty());
            assertThatThrownBy(() -> bar.read32(0)).isInstanceOf(DeviceGoneException.class);
            memory.set(ValueLayout.JAVA_LONG, 0, 1); // memory stays until it is unmapped
            handle.revoke();
            assertThatThrownBy(() -> bar.write32(PlainFunction.DOORBELLS, 1)).isInstanceOf(DeviceGoneException.class);
            assertThatThrownBy(() -> watched.host.open(function, new Notices())).isInstanceOf(OpenException.class);
        }
        assertThat(card.mappings).isEmpty();
        assertThat(card.closed.get()).isEqualTo(card.opened.get());
    }

    @Test
    void L1_aServerThatComesBackIsAnotherFunctionAtTheSameAddress() throws Exception {
        UserFunction before = watched.function();
        endpoint.close();
        watched.until("gone", snapshot -> snapshot.functions().isEmpty());
        endpoint = server.serve(directory.resolve("ssd"), card);

        UserFunction after = watched.function();
        assertThat(after).isNotSameAs(before);
        assertThat(after.address()).isEqualTo(before.address());
    }

    @Test
    void L6_nothingIsLeftAfterManyRounds() throws Exception {
        long before = 0;
        for (int round = 0; round < 24; round++) {
            try (FunctionHandle handle = open()) {
                handle.bar(0).write32(PlainFunction.DOORBELLS, 1);
                handle.dma().map(0x20_0000, 2 << 20);
                handle.interrupts().enable(4, vector -> {});
                endpoint.close();
                watched.until("gone", snapshot -> snapshot.functions().isEmpty());
            }
            if (round == 2) {
                before = descriptors(); // by now everything has been loaded
            }
            endpoint = server.serve(directory.resolve("ssd"), card);
            watched.function();
        }
        endpoint.close();
        watched.until("gone", snapshot -> snapshot.functions().isEmpty());
        // Room for what a keeper that tries again has open for a moment; a leak would be one for each of 21 rounds.
        assertThat(descriptors()).isLessThanOrEqualTo(before + 8);
    }

    @Test
    void aStaleSocketIsReportedAndTriedAgain() throws Exception {
        Path other = Files.createDirectory(directory.resolve("old"));
        try (ServedEndpoint dead = server.serve(directory.resolve("dead"), new PlainFunction())) {
            Files.createLink(other.resolve("cntrl"), dead.socket());
        }
        HostSnapshot snapshot = watched.until("reported", now -> !now.problems().isEmpty());
        assertThat(snapshot.problems()).anySatisfy(
                problem -> assertThat(problem.toString()).contains("old/cntrl", "nobody listens any more"));

        try (ServedEndpoint _ = server.serve(other, new PlainFunction())) {
            watched.until("two", now -> now.functions().size() == 2);
        }
    }

    @Test
    void aDirectoryThatOthersCanWriteToIsRefused() throws Exception {
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> server.serve(open, new PlainFunction()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written by other users");
        Files.createFile(open.resolve("cntrl"));
        HostSnapshot snapshot = watched.until("refused", now -> !now.problems().isEmpty());
        assertThat(snapshot.problems().toString()).contains("can be written by other users");
    }

    @Test
    void aSocketIsNotTakenFromWhoServesThere() {
        assertThatThrownBy(() -> server.serve(directory.resolve("ssd"), new PlainFunction()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is being served already");
    }

    @Test
    void L9_directoriesThatAreNamedNoMoreAreLetGoOf() throws Exception {
        watched.function();
        watched.host.apply(new VfioUserSettings(List.of(), PATIENCE_MILLIS));
        watched.until("gone", snapshot -> snapshot.functions().isEmpty());

        watched.host.apply(new VfioUserSettings(List.of(directory), PATIENCE_MILLIS));
        watched.function();
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
