package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.Publication;
import org.busbar.device.RemovalReason;
import org.busbar.driver.nvme.NvmeDriver;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeNamespace;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.internal.nvme.NvmeModel;
import org.busbar.testkit.TestSlot;
import org.busbar.volume.Volume;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** A volume on an emulated SSD with its driver, on threads of their own. */
final class EmulatedSsdTest {

    private static final int ROUNDS = 10;
    private static final int USERS = 2;
    private static final int DEPTH = 8;
    private static final int BLOCKS = 4096;
    private static final int PER_USER = 64;

    private final ThreadWorks works = new ThreadWorks();
    private final AtomicReference<Volume> published = new AtomicReference<>();
    private final Volumes volumes =
            new Volumes(works, this::publish, Duration.ofSeconds(60), () -> Duration.ofMinutes(2));
    private final AtomicLong progress = new AtomicLong();
    private volatile boolean done;
    private TestSlot slot;
    private Path path;

    /**
     * A shutdown writes the SSD's file to its disk, and a disk that others keep busy takes longer for that than a controller may: in
     * memory, where the system has such a file system.
     */
    static final class InMemory implements TempDirFactory {

        private static final java.nio.file.Path SHARED_MEMORY = java.nio.file.Path.of("/dev/shm");

        @Override
        public java.nio.file.Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
                throws IOException {
            return Files.isWritable(SHARED_MEMORY)
                    ? Files.createTempDirectory(SHARED_MEMORY, "busbar-ssd")
                    : Files.createTempDirectory("busbar-ssd");
        }
    }

    @TempDir(factory = InMemory.class)
    java.nio.file.Path folder;

    private Publication publish(Volume volume, Map<String, Object> properties) {
        published.set(volume);
        return new Publication() {
            @Override
            public void update(Map<String, ?> changed) {
                // Nobody looks.
            }

            @Override
            public void close() {
                // Nobody looks.
            }
        };
    }

    @AfterEach
    void stop() {
        volumes.close();
        works.close();
        if (slot != null) {
            slot.close();
        }
    }

    private void insert() {
        slot = inserted(1, NvmeOptions.DEFAULT);
    }

    private TestSlot inserted(int number, NvmeOptions options) {
        NvmeNamespace namespace =
                new NvmeNamespace(BLOCKS, 512, 0, false, 0, Optional.of(folder.resolve("ssd")));
        return new TestSlot(number, new NvmeModel(new Card.Nvme("TEST1", List.of(namespace), options)));
    }

    private void bind() throws Exception {
        path = bound(slot, false);
    }

    private Path bound(TestSlot in, boolean shared) throws Exception {
        in.probe(new NvmeDriver(Map.of()));
        return come(in, shared);
    }

    private Path come(TestSlot in, boolean shared) throws InterruptedException {
        BlockDevice device = in.context()
                .published()
                .stream()
                .filter(BlockDevice.class::isInstance)
                .map(BlockDevice.class::cast)
                .findFirst()
                .orElseThrow();
        Medium medium = new Medium("medium", "", "TEST1", shared, device.blockSize(), device.features());
        Path come = new Path(device, medium, in.context().id().toString());
        volumes.come(come);
        return come;
    }

    private void unbind() throws Exception {
        volumes.go(path);
        slot.remove(RemovalReason.DRIVER_LEFT);
    }

    private Volume volume() {
        Deadline deadline = Deadline.afterMillis(60_000);
        while (published.get() == null) {
            assertThat(deadline.expired()).as("no volume").isFalse();
            Thread.onSpinWait();
        }
        return published.get();
    }

    /** Writes one block after the other, each in a place of its own, and reads it back when the next but seven is written. */
    private long use(Volume volume, int user) {
        Random random = new Random(user);
        long[] written = new long[PER_USER];
        int[] places = new int[DEPTH];
        boolean[] writes = new boolean[DEPTH];
        boolean[] busy = new boolean[DEPTH];
        long[] values = {0, 0};
        try (BlockQueue queue = volume.openQueue(DEPTH)) {
            MemorySegment memory = queue.allocate(DEPTH * 512L);
            Deadline deadline = Deadline.afterMillis(120_000);
            while (!done || queue.inFlight() > 0) {
                for (int tag = 0; tag < DEPTH && !done; tag++) {
                    if (busy[tag]) {
                        continue;
                    }
                    // Places of one tag only: what overlaps has no order.
                    int place = random.nextInt(PER_USER / DEPTH) * DEPTH + tag;
                    long block = (long) user * PER_USER + place;
                    long offset = tag * 512L;
                    boolean write = random.nextBoolean();
                    memory.set(ValueLayout.JAVA_LONG, offset, write ? ++values[0] : -1);
                    places[tag] = place;
                    writes[tag] = write;
                    busy[tag] = write
                            ? queue.write(block, 1, memory, offset, tag)
                            : queue.read(block, 1, memory, offset, tag);
                }
                queue.submit();
                if (queue.inFlight() > 0 || !done) {
                    queue.await(deadline);
                }
                queue.poll((tag, status) -> {
                    int which = (int) tag;
                    assertThat(busy[which]).as("in flight").isTrue();
                    assertThat(status).isEqualTo(BlockStatus.OK);
                    busy[which] = false;
                    long there = memory.get(ValueLayout.JAVA_LONG, which * 512L);
                    if (writes[which]) {
                        written[places[which]] = there;
                    } else {
                        assertThat(there).isEqualTo(written[places[which]]);
                    }
                    values[1]++;
                    progress.incrementAndGet();
                }, DEPTH);
            }
            return values[1];
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitProgress(List<CompletableFuture<Long>> users) {
        long goal = progress.get() + 200;
        Deadline deadline = Deadline.afterMillis(60_000);
        while (progress.get() < goal && users.stream().noneMatch(CompletableFuture::isDone)) {
            assertThat(deadline.expired()).as("nothing goes on").isFalse();
            Thread.onSpinWait();
        }
    }

    @FunctionalInterface
    private interface Change {
        void make() throws Exception;
    }

    private void underLoad(Change change) throws Exception {
        insert();
        bind();
        change(change);
    }

    private void change(Change change) throws Exception {
        Volume volume = volume();
        List<CompletableFuture<Long>> users = new ArrayList<>();
        for (int user = 0; user < USERS; user++) {
            int number = user;
            users.add(
                    CompletableFuture.supplyAsync(() -> use(volume, number), task -> Thread.ofPlatform().start(task)));
        }
        for (int round = 0; round < ROUNDS; round++) {
            awaitProgress(users);
            change.make();
        }
        awaitProgress(users);
        done = true;
        long requests = 0;
        for (CompletableFuture<Long> user : users) {
            requests += user.get(60, TimeUnit.SECONDS);
        }
        assertThat(volume.statistics().requests()).isEqualTo(requests);
        assertThat(volume.statistics().abandoned()).isZero();
        assertThat(volume.statistics().pathsLost()).isEqualTo(ROUNDS);
        assertThat(slot.iommuFaults()).isEmpty();
    }

    @Test
    void L7_driverThatIsReplacedUnderLoadFailsNothing() throws Exception {
        underLoad(() -> {
            unbind();
            bind();
        });
    }

    @Test
    void L7_driverThatHandsItsControllerOverUnderLoadFailsNothing() throws Exception {
        underLoad(() -> {
            volumes.go(path);
            slot.handOver(UnaryOperator.identity());
            slot.adopt(new NvmeDriver(Map.of()));
            path = come(slot, false);
        });
        assertThat(published.get().statistics().powerLosses()).isZero();
    }

    @Test
    void L8_cardThatIsPulledUnderLoadAndPutBackFailsNothing() throws Exception {
        underLoad(() -> {
            slot.pull();
            slot.context().revoke();
            volumes.go(path);
            slot.removeSurprised();
            insert();
            bind();
        });
    }

    /** Two controllers with the same namespace; the one that is used is pulled each time, and put back later. */
    @Test
    void L8_losingOneOfTwoControllersUnderLoadFailsNothing() throws Exception {
        NvmeOptions sharing = NvmeOptions.DEFAULT.sharing();
        slot = inserted(1, sharing);
        path = bound(slot, true);
        AtomicReference<TestSlot> other = new AtomicReference<>(inserted(2, sharing));
        AtomicReference<Path> spare = new AtomicReference<>(bound(other.get(), true));
        try {
            change(() -> {
                TestSlot pulled = slot;
                pulled.pull();
                pulled.context().revoke();
                volumes.go(path);
                pulled.removeSurprised();
                slot = other.get();
                path = spare.get();
                other.set(inserted(3, sharing));
                spare.set(bound(other.get(), true));
            });
            assertThat(published.get().statistics().powerLosses()).isZero();
        } finally {
            other.get().close();
        }
    }
}
