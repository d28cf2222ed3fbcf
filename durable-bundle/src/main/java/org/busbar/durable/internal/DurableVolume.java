package org.busbar.durable.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.QueueOptions;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumePath;
import org.busbar.volume.VolumeState;
import org.busbar.volume.VolumeStatistics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A volume as applications see it, and what its queues and blocking calls share. Thread-safe. */
final class DurableVolume implements Volume {

    private static final Logger LOG = LoggerFactory.getLogger(DurableVolume.class);
    /** So many looks at a driver in the time that it may take. */
    private static final int LOOKS = 4;
    /** And none later than this after the one before: how long a driver may take may be changed at any time. */
    private static final long LONGEST_INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final Medium medium;
    private final Works works;
    private final PathSet paths;
    private final Durability durability = new Durability();
    private final Statistics statistics = new Statistics();
    private final Changes changes = new Changes();
    private final Set<VolumeQueue> queues = ConcurrentHashMap.newKeySet();
    private final AtomicInteger waiters = new AtomicInteger();
    private final AtomicBoolean watched = new AtomicBoolean();
    private final BlockingCalls calls;

    DurableVolume(Medium medium, long blocks, Works works, PathSet.Owner owner) {
        this.medium = medium;
        this.works = works;
        this.paths = new PathSet(this, medium, blocks, works, owner);
        this.calls = new BlockingCalls(this);
    }

    // For those who look after it, and for its queues.

    Medium medium() {
        return medium;
    }

    PathSet pathSet() {
        return paths;
    }

    Durability durability() {
        return durability;
    }

    Statistics statisticsNow() {
        return statistics;
    }

    Changes changes() {
        return changes;
    }

    /** Runs what waits for devices. */
    Executor executor() {
        return works.tasks();
    }

    long nanoTime() {
        return works.nanoTime();
    }

    void later(Runnable action, long millis) {
        works.later(action, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    /** Returns the path that requests are to take, or null. */
    @Nullable
    Path active() {
        return paths.active();
    }

    long holdNanos() {
        return paths.holdNanos();
    }

    /** Whether requests fail. */
    boolean hasFailed() {
        VolumeState now = paths.state();
        return now == VolumeState.FAILED || now == VolumeState.DROPPED;
    }

    DeviceGoneException failure() {
        VolumeState now = paths.state();
        String why = now == VolumeState.FAILED || now == VolumeState.DROPPED
                ? now.text()
                : "no request could be given to it for as long as requests are held";
        return new DeviceGoneException(name() + ": " + why);
    }

    /** A path has turned out to be gone. */
    void gone(Path path) {
        paths.leave(path);
    }

    /** A path's driver does not do what it should: it is not called any more, and whoever looks after drivers is told. */
    void fault(Path path, String what) {
        boolean first = path.condemn();
        paths.leave(path);
        if (first) {
            LOG.warn("{}: the driver of {} has failed: {}", name(), path, what);
            path.report(what);
        }
        tellAll();
    }

    /**
     * Judges what a call of a path's driver has thrown. Returns the exception for a path that is gone if the driver is to
     * blame, which is reported, or if it says that itself; throws again what is the caller's.
     */
    DeviceGoneException thrownBy(Path path, String call, Throwable thrown) {
        if (DriverFault.is(thrown)) {
            fault(path, DriverFault.words(call, thrown));
            return new DeviceGoneException(path + ": its driver has failed");
        }
        return switch (thrown) {
            case DeviceGoneException gone -> gone;
            case RuntimeException callers -> throw callers;
            case Error callers -> throw callers;
            default -> throw new IllegalStateException(thrown);
        };
    }

    /** Whether drivers are called by threads of their own. */
    boolean isolates() {
        return paths.isolates();
    }

    /** How long a driver may take. */
    long patienceNanos() {
        return paths.patienceNanos();
    }

    /** Looks at what drivers have, and again and again for as long as the volume is in use. */
    private void watch() {
        long patience = patienceNanos();
        long interval = interval(patience);
        queues.forEach(queue -> queue.watch(interval, patience));
        calls.watch(interval, patience);
        if (isUsed() || calls.isBusy()) {
            works.later(this::watch, interval);
        } else {
            watched.set(false);
            if (isUsed() || calls.isBusy()) {
                watchFromNowOn(); // somebody came in this moment
            }
        }
    }

    private void watchFromNowOn() {
        if (watched.compareAndSet(false, true)) {
            works.later(this::watch, interval(patienceNanos()));
        }
    }

    private static long interval(long patience) {
        return Math.min(patience / LOOKS, LONGEST_INTERVAL);
    }

    /** Has everybody look again who may be waiting. */
    void tellAll() {
        changes.signal();
        queues.forEach(VolumeQueue::look);
    }

    boolean isCached() {
        return medium.features().has(BlockFeature.VOLATILE_CACHE);
    }

    /** Whether a queue is open or a call waits. */
    boolean isUsed() {
        return !queues.isEmpty() || waiters.get() > 0;
    }

    /** A blocking call begins to wait. */
    void enter() {
        waiters.incrementAndGet();
    }

    /** A blocking call is given to a driver. */
    void calling() {
        watchFromNowOn();
    }

    void leave() {
        waiters.decrementAndGet();
    }

    void closed(VolumeQueue queue) {
        if (queues.remove(queue)) {
            statistics.ended(queue.ended());
            if (queues.isEmpty()) {
                paths.unused();
            }
        }
    }

    // For applications.

    @Override
    public String identity() {
        return medium.identity();
    }

    @Override
    public String name() {
        return "volume/" + medium.identity();
    }

    @Override
    public VolumeState state() {
        return paths.state();
    }

    @Override
    public List<VolumePath> paths() {
        return paths.list();
    }

    @Override
    public VolumeStatistics statistics() {
        return statistics.snapshot(queues.stream().mapToLong(VolumeQueue::ended).sum());
    }

    @Override
    public long blockCount() {
        return paths.blocks();
    }

    @Override
    public int blockSize() {
        return medium.blockSize();
    }

    @Override
    public int maxBlocksPerRequest() {
        return medium.features().maxBlocksPerRequest();
    }

    @Override
    public BlockFeatures features() {
        return medium.features();
    }

    @Override
    public String statusText(int deviceStatus) {
        Path path = active();
        return path == null ? Volume.super.statusText(deviceStatus) : path.device().statusText(deviceStatus);
    }

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        return openQueue(QueueOptions.depth(depth));
    }

    @Override
    public BlockQueue openQueue(QueueOptions options) throws BlockIOException {
        if (hasFailed()) {
            throw failure();
        }
        VolumeQueue queue = new VolumeQueue(this, options);
        boolean done = false;
        try {
            queues.add(queue);
            watchFromNowOn();
            Path path = active();
            if (path != null) {
                open(queue, path);
            }
            queue.look();
            done = true;
            return queue;
        } finally {
            if (!done) {
                queue.close();
            }
        }
    }

    private void open(VolumeQueue queue, Path path) throws BlockIOException {
        try {
            queue.open(path);
        } catch (DeviceGoneException e) {
            gone(path); // it waits, then, as if it had been opened before
        }
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) throws IOException, InterruptedException {
        calls.run("read", deadline, device -> device.read(block, target, deadline), target);
    }

    @Override
    public void read(long block, ByteBuffer target, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.run("read", deadline, device -> device.read(block, target, options, deadline), target);
    }

    @Override
    public void read(
            long block, ByteBuffer target, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.run(
                "read", deadline, device -> device.read(block, target, metadata, options, deadline), target, metadata);
    }

    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) throws IOException, InterruptedException {
        calls.write(RequestOptions.NONE, deadline, device -> device.write(block, source, deadline), source);
    }

    @Override
    public void write(long block, ByteBuffer source, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.write(options, deadline, device -> device.write(block, source, options, deadline), source);
    }

    @Override
    public void write(
            long block, ByteBuffer source, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.write(
                options, deadline, device -> device.write(block, source, metadata, options, deadline), source,
                metadata);
    }

    @Override
    public void compare(long block, ByteBuffer expected, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.run("comparison", deadline, device -> device.compare(block, expected, options, deadline), expected);
    }

    @Override
    public void writeZeroes(long block, long blocks, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.write(options, deadline, device -> device.writeZeroes(block, blocks, options, deadline));
    }

    @Override
    public void verify(long block, long blocks, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.run("verification", deadline, device -> device.verify(block, blocks, options, deadline));
    }

    @Override
    public void deallocate(List<BlockRange> ranges, Deadline deadline) throws IOException, InterruptedException {
        calls.write(RequestOptions.NONE, deadline, device -> device.deallocate(ranges, deadline));
    }

    @Override
    public void copy(List<BlockRange> from, long to, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        calls.once("copy", deadline, device -> device.copy(from, to, options, deadline));
    }

    @Override
    public void flush(Deadline deadline) throws IOException, InterruptedException {
        calls.flush(deadline);
    }

    @Override
    public String toString() {
        return name();
    }
}
