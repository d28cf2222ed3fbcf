package org.busbar.driver.nvme;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.busbar.block.BlockIOException;
import org.busbar.block.BlockQueue;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;

/** A queue that an application has opened on a namespace. */
final class NvmeQueue implements BlockQueue {

    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(5);

    private final Controller controller;
    private final NamespaceInfo namespace;
    private final CommandQueue commands;
    private final Signal signal;
    private final Buffers buffers;
    private final int maxBlocks;
    private boolean closed;

    NvmeQueue(
            Controller controller, NamespaceInfo namespace, CommandQueue commands, Signal signal, Buffers buffers) {
        this.controller = controller;
        this.namespace = namespace;
        this.commands = commands;
        this.signal = signal;
        this.buffers = buffers;
        this.maxBlocks = controller.maxBlocks(namespace);
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
    public boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Opcode.READ, block, blocks, buffer, offset, tag);
    }

    @Override
    public boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag) {
        return transfer(Opcode.WRITE, block, blocks, buffer, offset, tag);
    }

    private boolean transfer(int opcode, long block, int blocks, MemorySegment buffer, long offset, long tag) {
        requireOpen();
        namespace.check(block, blocks);
        if (blocks > maxBlocks) {
            throw new IllegalArgumentException("a request spans at most " + maxBlocks + " blocks, not " + blocks);
        }
        long bytes = (long) blocks << namespace.blockShift();
        long address = buffers.addressOf(buffer, offset, bytes);
        return commands.transfer(opcode, namespace.nsid(), block, blocks, address, bytes, tag);
    }

    @Override
    public boolean flush(long tag) {
        requireOpen();
        return commands.flush(namespace.nsid(), tag);
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
        long patience = Signal.patience(controller.hasInterrupt(commands.pair().id()));
        long sliceEnd = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
        while (!commands.hasCompletion()) {
            commands.requirePresent();
            long left = deadline.remainingNanos();
            if (left <= 0) {
                throw new DeviceTimeoutException("timed out waiting for one of " + inFlight() + " requests in flight");
            }
            signal.await(Math.min(left, patience));
            if (System.nanoTime() - sliceEnd > 0) {
                sliceEnd = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(50);
                commands.checkHealth();
            }
        }
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
            if (controller.close(commands, Deadline.after(CLOSE_DEADLINE))) {
                buffers.release();
            }
        }
    }
}
