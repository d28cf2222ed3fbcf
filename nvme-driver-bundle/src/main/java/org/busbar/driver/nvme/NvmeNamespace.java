package org.busbar.driver.nvme;

import java.nio.ByteBuffer;
import java.util.List;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockFeature;
import org.busbar.block.BlockFeatures;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockRange;
import org.busbar.block.BlockStatus;
import org.busbar.block.QueueOptions;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.DmaException;
import org.jspecify.annotations.Nullable;

/** A namespace as applications see it: checks what they ask for, and hands it on. */
final class NvmeNamespace implements BlockDevice {

    private final Controller controller;
    private final NamespaceInfo namespace;
    private final BlockFeatures features;
    private final NamespaceIo io;

    NvmeNamespace(Controller controller, NamespaceInfo namespace, BlockingIo blocking) {
        this.controller = controller;
        this.namespace = namespace;
        this.features = controller.features(namespace);
        this.io = new NamespaceIo(
                namespace,
                blocking,
                features.maxBlocksPerRequest(),
                Math.max(1, features.maxRangesPerRequest()),
                controller.copyLimits(namespace));
    }

    @Override
    public String name() {
        return controller.name() + "/n" + Integer.toUnsignedString(namespace.nsid());
    }

    @Override
    public long blockCount() {
        return namespace.blockCount();
    }

    @Override
    public int blockSize() {
        return namespace.blockSize();
    }

    @Override
    public int maxBlocksPerRequest() {
        return features.maxBlocksPerRequest();
    }

    @Override
    public BlockFeatures features() {
        return features;
    }

    @Override
    public String statusText(int deviceStatus) {
        return Status.text(deviceStatus);
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) throws BlockIOException, InterruptedException {
        transfer(Opcode.READ, block, target, null, RequestOptions.NONE, deadline);
    }

    @Override
    public void read(long block, ByteBuffer target, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        transfer(Opcode.READ, block, target, null, options, deadline);
    }

    @Override
    public void read(long block, ByteBuffer target, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        transfer(Opcode.READ, block, target, metadata, options, deadline);
    }

    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) throws BlockIOException, InterruptedException {
        transfer(Opcode.WRITE, block, source, null, RequestOptions.NONE, deadline);
    }

    @Override
    public void write(long block, ByteBuffer source, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        transfer(Opcode.WRITE, block, source, null, options, deadline);
    }

    @Override
    public void write(long block, ByteBuffer source, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        transfer(Opcode.WRITE, block, source, metadata, options, deadline);
    }

    @Override
    public void compare(long block, ByteBuffer expected, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        require(BlockFeature.COMPARE);
        if (features.metadata().bytes() > 0 && !features.metadata().isStripped(RequestOptions.NONE)) {
            throw BlockIOException.notSupported(name(), "compare of data alone, since metadata would be compared, too");
        }
        transfer(Opcode.COMPARE, block, expected, null, options, deadline);
    }

    private void transfer(
            int opcode,
            long block,
            ByteBuffer data,
            @Nullable ByteBuffer metadata,
            RequestOptions options,
            Deadline deadline) throws BlockIOException, InterruptedException {
        int bytes = data.remaining();
        if (bytes == 0 || (bytes & namespace.blockSize() - 1) != 0) {
            throw new IllegalArgumentException(
                    "the buffer has " + bytes + " bytes left; whole blocks of " + namespace.blockSize()
                            + " are needed");
        }
        int blocks = bytes >> namespace.blockShift();
        namespace.check(block, blocks);
        if (metadata != null) {
            requireMetadata(metadata, blocks);
        }
        io.transfer(opcode, block, data, metadata, options, deadline);
    }

    private void requireMetadata(ByteBuffer metadata, int blocks) throws BlockIOException {
        int perBlock = features.metadata().bytes();
        if (perBlock == 0) {
            throw BlockIOException.notSupported(name(), "metadata; its blocks have none");
        }
        if (metadata.remaining() != blocks * perBlock) {
            throw new IllegalArgumentException("the metadata of " + blocks + " blocks has " + blocks * perBlock
                    + " bytes, not " + metadata.remaining());
        }
    }

    @Override
    public void flush(Deadline deadline) throws BlockIOException, InterruptedException {
        io.flush(deadline);
    }

    @Override
    public void writeZeroes(long block, long blocks, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        require(BlockFeature.WRITE_ZEROES);
        namespace.check(block, blocks);
        io.writeZeroes(block, blocks, options, deadline);
    }

    @Override
    public void verify(long block, long blocks, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        require(BlockFeature.VERIFY);
        namespace.check(block, blocks);
        io.verify(block, blocks, options, deadline);
    }

    @Override
    public void deallocate(List<BlockRange> ranges, Deadline deadline) throws BlockIOException, InterruptedException {
        require(BlockFeature.DEALLOCATE);
        check(ranges);
        io.deallocate(ranges, deadline);
    }

    @Override
    public void copy(List<BlockRange> from, long to, RequestOptions options, Deadline deadline)
            throws BlockIOException, InterruptedException {
        require(BlockFeature.COPY);
        namespace.check(to, check(from));
        io.copy(from, to, options, deadline);
    }

    private long check(List<BlockRange> ranges) {
        long blocks = 0;
        for (BlockRange range : ranges) {
            namespace.check(range.first(), range.count());
            blocks += range.count();
        }
        return blocks;
    }

    private void require(BlockFeature feature) throws BlockIOException {
        if (!features.has(feature)) {
            throw BlockIOException.notSupported(name(), feature.text());
        }
    }

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        if (depth < 1) {
            throw depth(depth);
        }
        return openQueue(QueueOptions.depth(depth));
    }

    @Override
    public BlockQueue openQueue(QueueOptions options) throws BlockIOException {
        if (options.depth() > controller.maxDepth()) {
            throw depth(options.depth());
        }
        try {
            return controller.openQueue(namespace, options);
        } catch (NvmeException e) {
            int status = e.status().typeAndCode();
            throw new BlockIOException(Status.toBlockStatus(status), status, e);
        } catch (DmaException e) {
            throw new BlockIOException(BlockStatus.DEVICE_ERROR, -1, e);
        } catch (DeviceTimeoutException e) {
            throw new BlockIOException(BlockStatus.TIMED_OUT, -1, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlockIOException(BlockStatus.ABORTED, -1, "interrupted while the queue was being created");
        }
    }

    @Override
    public boolean whenOver(Runnable action) {
        return controller.whenOver(action);
    }

    private IllegalArgumentException depth(int depth) {
        return new IllegalArgumentException(
                "a queue of this device is 1 to " + controller.maxDepth() + " deep, not " + depth);
    }

    @Override
    public String toString() {
        return name();
    }
}
