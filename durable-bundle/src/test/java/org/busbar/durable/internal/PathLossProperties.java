package org.busbar.durable.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.DeviceGoneException;
import org.busbar.volume.Volume;

/**
 * Two queues on a volume whose paths come and go at random: whatever happens, each request ends exactly once, no read sees
 * what the promises of docs/hot-swap.md do not allow, and no flush succeeds that has not made everything durable.
 */
final class PathLossProperties {

    private static final int DEPTH = 4;
    private static final int BLOCKS = 3;
    private static final int STEPS = 400;

    /** A queue and its user. */
    private final class User {
        final Volume volume;
        final long firstTag;
        BlockQueue queue;
        MemorySegment memory;
        private boolean failed;

        User(Volume volume, long firstTag) throws BlockIOException {
            this.volume = volume;
            this.firstTag = firstTag;
            this.queue = volume.openQueue(DEPTH);
            this.memory = queue.allocate(8L * DEPTH);
        }

        /** Opens another queue if this one has failed and everything in it has ended. */
        private void reopen() {
            for (int i = 0; i < DEPTH; i++) {
                if (history.isOpen(firstTag + i)) {
                    return;
                }
            }
            try {
                BlockQueue next = volume.openQueue(DEPTH);
                memory = next.allocate(8L * DEPTH);
                queue.close();
                queue = next;
                failed = false;
            } catch (BlockIOException e) {
                throw new AssertionError(e);
            } catch (DeviceGoneException e) {
                history.note("no queue to be had");
            }
        }

        void begin() {
            if (failed) {
                reopen();
                return;
            }
            for (int i = 0; i < DEPTH; i++) {
                if (!history.isOpen(firstTag + i)) {
                    begin(i);
                    return;
                }
            }
        }

        private void begin(int slot) {
            long tag = firstTag + slot;
            long block = random.nextInt(BLOCKS);
            int kind = random.nextInt(10);
            boolean taken = false;
            try {
                if (kind < 5) {
                    memory.set(ValueLayout.JAVA_LONG, 8L * slot, ++values);
                    history.begin("write", tag, block, values);
                    taken = queue.write(block, 1, memory, 8L * slot, tag);
                } else if (kind < 9) {
                    history.begin("read", tag, block, 0);
                    taken = queue.read(block, 1, memory, 8L * slot, tag);
                } else {
                    history.begin("flush", tag, 0, 0);
                    owed.put(tag, Set.copyOf(acknowledged));
                    taken = queue.flush(tag);
                }
            } catch (DeviceGoneException e) {
                failed = true;
            }
            if (!taken) {
                history.refused(tag);
            }
        }

        void poll() {
            queue.poll(this::ended, 1 + random.nextInt(DEPTH));
        }

        private void ended(long tag, BlockStatus status) {
            History.Request request = history.end(tag, status);
            if (status != BlockStatus.OK) {
                failed |= status == BlockStatus.GONE; // a device may still use the memory: it is left alone
                assertThat(status).isIn(BlockStatus.GONE, BlockStatus.ABORTED, BlockStatus.WRITES_LOST);
                if (status == BlockStatus.WRITES_LOST) {
                    acknowledged.clear();
                    told++;
                }
                return;
            }
            switch (request.kind) {
                case "read" -> {
                    if (!cached) {
                        history.saw(request, memory.get(ValueLayout.JAVA_LONG, 8 * (tag - firstTag)));
                    }
                }
                case "write" -> acknowledged.add(request);
                default -> flushed(tag);
            }
        }
    }

    private final Map<Long, Set<History.Request>> owed = new HashMap<>();
    private Set<History.Request> acknowledged = new HashSet<>();
    private Set<History.Request> madeDurable = new HashSet<>();
    private SplittableRandom random;
    private History history;
    private Bench bench;
    private FakeMedium medium;
    private boolean cached;
    private long values;
    private int told;
    private int generation;
    private List<FakeDevice> present;
    private List<Path> paths;
    private List<FakeDevice> undead;

    private void flushed(long tag) {
        madeDurable.addAll(owed.getOrDefault(tag, Set.of()));
    }

    private void start(long seed, boolean withCache) {
        random = new SplittableRandom(seed);
        history = new History();
        bench = new Bench();
        medium = new FakeMedium(BLOCKS);
        cached = withCache;
        values = 0;
        generation = 1;
        present = new ArrayList<>();
        paths = new ArrayList<>();
        undead = new ArrayList<>();
        owed.clear();
        acknowledged = new HashSet<>();
        madeDurable = new HashSet<>();
        come();
    }

    private void come() {
        FakeDevice device = cached
                ? new FakeDevice("d" + generation, medium)
                : new FakeDevice("d" + generation, medium, Set.of(BlockFeature.FORCE_UNIT_ACCESS));
        present.add(device);
        paths.add(bench.come(device, present.size() + "#" + generation));
        history.note("path comes: " + device.name());
    }

    private void lose(boolean inOrder) {
        int which = random.nextInt(present.size());
        FakeDevice device = present.remove(which);
        Path path = paths.remove(which);
        history.note("path goes: " + device.name() + (inOrder ? " in order" : ""));
        if (inOrder) {
            bench.volumes.go(path);
            device.executeAll();
        } else if (random.nextBoolean()) {
            device.yank();
            bench.volumes.go(path);
        } else {
            bench.volumes.go(path);
            device.yank();
        }
        undead.add(device);
    }

    private void bury() {
        FakeDevice device = undead.remove(random.nextInt(undead.size()));
        history.note("path is over: " + device.name());
        device.end();
    }

    @Property(tries = 300)
    void eachRequestEndsOnceAndNobodySeesWhatWasReplaced(@ForAll long seed) throws BlockIOException {
        start(seed, false);
        Volume volume = bench.volume();
        List<User> users = List.of(new User(volume, 0), new User(volume, 100));
        for (int step = 0; step < STEPS; step++) {
            step(users, 2);
        }
        settle(users);
        for (int block = 0; block < BLOCKS; block++) {
            history.stored(block, medium.read(block));
        }
        assertThat(volume.statistics().requests()).isPositive();
        users.forEach(user -> user.queue.close());
    }

    private void step(List<User> users, int most) {
        User user = users.get(random.nextInt(users.size()));
        switch (random.nextInt(24)) {
            case 0, 1, 2, 3, 4, 5, 6 -> user.begin();
            case 7, 8 -> user.queue.submit();
            case 9, 10, 11, 12 -> user.poll();
            case 13, 14, 15, 16 -> work(present);
            case 17 -> work(undead);
            case 18 -> {
                if (!present.isEmpty()) {
                    lose(random.nextBoolean());
                }
            }
            case 19, 20 -> {
                if (present.size() < most) {
                    generation++;
                    come();
                }
            }
            case 21, 22 -> {
                if (!undead.isEmpty()) {
                    bury();
                }
            }
            default -> bench.works.pass(random.nextInt(50) == 0 ? Bench.HOLD.toNanos() : 1_000_000);
        }
    }

    private void work(List<FakeDevice> devices) {
        if (!devices.isEmpty()) {
            FakeDevice device = devices.get(random.nextInt(devices.size()));
            int pending = device.pending();
            if (pending > 0) {
                device.execute(random.nextInt(pending));
            }
        }
    }

    /** Lets everything come to its end. */
    private void settle(List<User> users) {
        while (!undead.isEmpty()) {
            bury();
        }
        if (present.isEmpty()) {
            generation++;
            come();
        }
        for (int round = 0; round < 100 && history.open() > 0; round++) {
            users.forEach(user -> user.queue.submit());
            present.forEach(FakeDevice::executeAll);
            users.forEach(User::poll);
            bench.works.pass(200_000_000);
        }
        history.expectAllEnded();
    }

    /** One path, whose card loses power each time that it goes; the next is only there when the one before is over. */
    @Property(tries = 300)
    void noFlushSucceedsThatHasNotMadeEverythingDurable(@ForAll long seed) throws BlockIOException {
        start(seed, true);
        Volume volume = bench.volume();
        List<User> users = List.of(new User(volume, 0), new User(volume, 100));
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(30) == 0) {
                reseat(users);
            } else {
                stepWithoutLoss(users);
            }
            checkDurable();
        }
        settle(users);
        checkDurable();
        users.forEach(user -> user.queue.close());
    }

    private void stepWithoutLoss(List<User> users) {
        User user = users.get(random.nextInt(users.size()));
        switch (random.nextInt(5)) {
            case 0, 1 -> user.begin();
            case 2 -> user.queue.submit();
            case 3 -> work(present);
            default -> user.poll();
        }
    }

    private void reseat(List<User> users) {
        boolean swap = random.nextBoolean();
        FakeDevice device = present.remove(0);
        bench.go(paths.remove(0), device);
        history.note(swap ? "driver is replaced" : "card is re-seated");
        if (!swap) {
            medium.losePower();
            generation++;
        }
        users.forEach(User::poll);
        come();
    }

    /** What a flush has acknowledged is there after a loss of power, unless it was written again since. */
    private void checkDurable() {
        for (int block = 0; block < BLOCKS; block++) {
            long there = medium.durable(block);
            for (History.Request request : madeDurable) {
                assertThat(request.block == block && there < request.value && isOrdered(request, there))
                        .as("block %d holds %d after a loss of power, and %d was flushed; %s", block, there,
                                request.value,
                                history)
                        .isFalse();
            }
        }
    }

    private boolean isOrdered(History.Request later, long earlierValue) {
        return history.wasAcknowledgedBefore(later.block, earlierValue, later.begun);
    }
}
