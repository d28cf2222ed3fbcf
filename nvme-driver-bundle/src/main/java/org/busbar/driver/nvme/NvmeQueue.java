package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockVector;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/** A queue that an application has opened on a namespace: checks what it asks for, and hands it on. */
final class NvmeQueue implements BlockQueue {

    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);
    private static final int MAX_COUNT = 1 << 16;
    private static final long MAX_RANGE = 0xffff_ffffL;

    private final String device;
    private final NamespaceInfo namespace;
    private final BlockFeatures features;
    private final CommandQueue commands;
    private final Waiter waiter;
    private final Buffers buffers;
    private final Control control;
    private final int maxBlocks;
    private final CopyLimits copyLimits;
    private final Closer closer;
    /** Volatile because some close a queue from another thread to end its owner's loop: against the contract, but harmless. */
    private volatile boolean closed;

    /** Ends a queue at the controller. */
    @FunctionalInterface
    interface Closer {

        /** Returns whether the controller has no use for the queue's memory any more. */
        boolean close(CommandQueue commands, Deadline deadline);
    }

    NvmeQueue(
            Controller controller, NamespaceInfo namespace, CommandQueue commands, Waiter waiter, Buffers buffers) {
        this(
                controller.name(),
                namespace,
                controller.features(namespace),
                controller.copyLimits(namespace),
                commands,
                waiter,
                buffers,
                controller::close);
    }

    NvmeQueue(
            String device,
            NamespaceInfo namespace,
            BlockFeatures features,
            CopyLimits copyLimits,
            CommandQueue commands,
            Waiter waiter,
            Buffers buffers,
            Closer closer) {
        this.device = device;
        this.namespace = namespace;
        this.features = features;
        this.commands = commands;
        this.waiter = waiter;
        this.buffers = buffers;
        this.control = new Control(namespace.blockSize(), namespace.metadata());
        this.maxBlocks = features.maxBlocksPerRequest();
        this.copyLimits = copyLimits;
        this.closer = closer;
    }

    @Override
    public int depth() {
        return commands.depth();
    }

    @Override
    public int inFlight() {
        return commands.inFlight();
    }

    @Override
    public MemorySegment allocate(long bytes) throws BlockIOException {
        requireOpen();
        return buffers.allocate(bytes);
    }

    @Override
    public void map(MemorySegment memory, Runnable unreachable) throws BlockIOException {
        requireOpen();
        buffers.map(memory, unreachable);
    }

    @Override
    public BlockVector newVector(int pieces) {
        int most = commands.pointers().maxPieces();
        if (pieces < 1 || pieces > most) {
            throw new IllegalArgumentException("a vector of this device has 1 to " + most + " pieces, not " + pieces);
        }
        return new NvmeVector(buffers, pieces);
    }

    @Override
    public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Opcode.READ, block, blocks, buffer, offset, RequestOptions.NONE, tag);
    }

    @Override
    public boolean read(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return transfer(Opcode.READ, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean read(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        return transfer(Opcode.READ, block, blocks, data, options, tag);
    }

    @Override
    public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Opcode.WRITE, block, blocks, buffer, offset, RequestOptions.NONE, tag);
    }

    @Override
    public boolean write(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        return transfer(Opcode.WRITE, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean write(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        return transfer(Opcode.WRITE, block, blocks, data, options, tag);
    }

    @Override
    public boolean compare(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        require(BlockFeature.COMPARE);
        return transfer(Opcode.COMPARE, block, blocks, buffer, offset, options, tag);
    }

    @Override
    public boolean compare(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        require(BlockFeature.COMPARE);
        return transfer(Opcode.COMPARE, block, blocks, data, options, tag);
    }

    private boolean transfer(
            int opcode, long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        requireOpen();
        check(block, blocks, maxBlocks);
        control.use(options);
        if (control.movesMetadata()) {
            throw metadataNeeded();
        }
        long bytes = (long) blocks * control.bytesPerBlock();
        long address = buffers.addressOf(buffer, offset, bytes);
        return commands.prepare().transfer(opcode, namespace.nsid(), block, blocks, control, address, bytes, 0, tag);
    }

    private boolean transfer(
            int opcode, long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        requireOpen();
        check(block, blocks, maxBlocks);
        if (!(data instanceof NvmeVector vector) || !vector.isOf(buffers)) {
            throw new IllegalArgumentException("the vector is not one of this queue");
        }
        control.use(options);
        long bytes = (long) blocks * control.bytesPerBlock();
        if (vector.bytes() != bytes) {
            throw new IllegalArgumentException(
                    blocks + " blocks have " + bytes + " bytes here, and the pieces " + vector.bytes());
        }
        commands.pointers().check(vector);
        long metadata = 0;
        if (control.movesMetadata()) {
            if (vector.metadataRoom() < (long) blocks * features.metadata().bytes()) {
                throw metadataNeeded();
            }
            metadata = vector.metadata();
        }
        return commands.prepare().transfer(opcode, namespace.nsid(), block, blocks, control, vector, metadata, tag);
    }

    private IllegalArgumentException metadataNeeded() {
        return new IllegalArgumentException("the blocks have " + features.metadata().bytes()
                + " bytes of metadata each in a buffer of its own: use a vector, and give it that buffer");
    }

    @Override
    public boolean flush(long tag) {
        requireOpen();
        return commands.prepare().plain(Opcode.FLUSH, namespace.nsid(), 0, 0, 0, tag);
    }

    @Override
    public boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        require(BlockFeature.WRITE_ZEROES);
        check(block, blocks, MAX_COUNT);
        control.use(options);
        return commands.prepare()
                .plain(Opcode.WRITE_ZEROES, namespace.nsid(), block, control.zeroes(blocks), control.tags(block), tag);
    }

    @Override
    public boolean verify(long block, int blocks, RequestOptions options, long tag) {
        require(BlockFeature.VERIFY);
        check(block, blocks, MAX_COUNT);
        control.use(options);
        return commands.prepare()
                .plain(
                        Opcode.VERIFY, namespace.nsid(), block, control.verification(blocks), control.tags(block), tag);
    }

    @Override
    public boolean deallocate(List<BlockRange> ranges, long tag) {
        require(BlockFeature.DEALLOCATE);
        check(ranges, features.maxRangesPerRequest(), MAX_RANGE);
        return commands.prepare().deallocate(namespace.nsid(), ranges, tag);
    }

    @Override
    public boolean copy(List<BlockRange> from, long to, RequestOptions options, long tag) {
        require(BlockFeature.COPY);
        long blocks = check(from, copyLimits.ranges(), copyLimits.blocksPerRange());
        check(to, blocks, copyLimits.blocks());
        return commands.prepare().copy(namespace.nsid(), from, to, control.use(options), tag);
    }

    private long check(List<BlockRange> ranges, int most, long longest) {
        if (ranges.isEmpty() || ranges.size() > most) {
            throw new IllegalArgumentException(
                    "a request of this kind names 1 to " + most + " ranges, not " + ranges.size());
        }
        long blocks = 0;
        for (int i = 0; i < ranges.size(); i++) {
            check(ranges.get(i).first(), ranges.get(i).count(), longest);
            blocks += ranges.get(i).count();
        }
        return blocks;
    }

    private void check(long block, long blocks, long most) {
        namespace.check(block, blocks);
        if (blocks > most) {
            throw new IllegalArgumentException(
                    "a request of this kind spans at most " + most + " blocks, not " + blocks);
        }
    }

    private void require(BlockFeature feature) {
        requireOpen();
        if (!features.has(feature)) {
            throw new UnsupportedOperationException(device + " does not support: " + feature.text());
        }
    }

    @Override
    public void submit() {
        requireOpen();
        commands.submit();
    }

    @Override
    public int poll(Completion completion, int max) {
        requireOpen();
        return commands.poll(completion, max);
    }

    @Override
    public void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        requireOpen();
        waiter.await(commands, deadline);
    }

    /** After a close the rings may be somebody else's memory, and the doorbells another queue's. */
    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the queue is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            waiter.close();
            if (closer.close(commands, Deadline.after(CLOSE_DEADLINE))) {
                buffers.release();
            }
        }
    }
}
