package org.busbar.driver.nvme;

import java.nio.ByteBuffer;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.block.BlockStatus;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeException;
import org.busbar.pci.DmaException;

/** A namespace as applications see it. */
final class NvmeNamespace implements BlockDevice {

    private final Controller controller;
    private final NamespaceInfo namespace;
    private final BlockingIo blocking;

    NvmeNamespace(Controller controller, NamespaceInfo namespace, BlockingIo blocking) {
        this.controller = controller;
        this.namespace = namespace;
        this.blocking = blocking;
    }

    @Override
    public String name() {
        return controller.name() + "/n" + namespace.nsid();
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
        return controller.maxBlocks(namespace);
    }

    @Override
    public void read(long block, ByteBuffer target, Deadline deadline) throws BlockIOException, InterruptedException {
        transfer(false, block, target, deadline);
    }

    @Override
    public void write(long block, ByteBuffer source, Deadline deadline) throws BlockIOException, InterruptedException {
        transfer(true, block, source, deadline);
    }

    private void transfer(boolean write, long block, ByteBuffer data, Deadline deadline)
            throws BlockIOException, InterruptedException {
        int bytes = data.remaining();
        if (bytes == 0 || (bytes & namespace.blockSize() - 1) != 0) {
            throw new IllegalArgumentException(
                    "the buffer has " + bytes + " bytes left; whole blocks of " + namespace.blockSize()
                            + " are needed");
        }
        namespace.check(block, bytes >> namespace.blockShift());
        blocking.transfer(write, namespace, maxBlocksPerRequest(), block, data, deadline);
    }

    @Override
    public void flush(Deadline deadline) throws BlockIOException, InterruptedException {
        blocking.flush(namespace, deadline);
    }

    @Override
    public BlockQueue openQueue(int depth) throws BlockIOException {
        if (depth < 1 || depth > controller.maxDepth()) {
            throw new IllegalArgumentException(
                    "a queue of this device is 1 to " + controller.maxDepth() + " deep, not " + depth);
        }
        try {
            return controller.openQueue(namespace, depth);
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
    public String toString() {
        return name();
    }
}
