package org.busbar.block.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.busbar.block.BlockDevice;
import org.busbar.block.BlockRange;
import org.busbar.block.RequestOptions;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;

/**
 * The requests of a block device as futures. A future ends with the exception that the blocking method would have thrown,
 * {@link org.busbar.block.BlockIOException} or {@link DeviceGoneException} itself. A buffer belongs to the request
 * until its future ends; cancelling a future does not take the request back.
 *
 * @param device the device
 * @param executor runs each request, which blocks; virtual threads suit
 * @param timeout how long each request may take, from when it starts
 */
public record BlockFutures(BlockDevice device, Executor executor, Duration timeout) {

    /** Returns futures of a device, each on a virtual thread of its own, with 30 seconds for each. */
    public static BlockFutures of(BlockDevice device) {
        return new BlockFutures(
                device, Thread.ofVirtual().name("future of " + device.name())::start, Duration.ofSeconds(30));
    }

    /** Reads whole blocks; the future gives the buffer, filled. */
    public CompletableFuture<ByteBuffer> read(long block, ByteBuffer target) {
        return run(target, deadline -> device.read(block, target, deadline));
    }

    /** Writes whole blocks. */
    public CompletableFuture<ByteBuffer> write(long block, ByteBuffer source) {
        return run(source, deadline -> device.write(block, source, deadline));
    }

    /** Writes whole blocks, with options. */
    public CompletableFuture<ByteBuffer> write(long block, ByteBuffer source, RequestOptions options) {
        return run(source, deadline -> device.write(block, source, options, deadline));
    }

    /** Makes everything durable whose future had ended before. */
    public CompletableFuture<BlockDevice> flush() {
        return run(device, device::flush);
    }

    /** Has the device compare blocks with data. */
    public CompletableFuture<ByteBuffer> compare(long block, ByteBuffer expected) {
        return run(expected, deadline -> device.compare(block, expected, RequestOptions.NONE, deadline));
    }

    /** Has the device write zeroes. */
    public CompletableFuture<BlockDevice> writeZeroes(long block, long blocks) {
        return run(device, deadline -> device.writeZeroes(block, blocks, RequestOptions.NONE, deadline));
    }

    /** Gives blocks back. */
    public CompletableFuture<BlockDevice> deallocate(List<BlockRange> ranges) {
        return run(device, deadline -> device.deallocate(ranges, deadline));
    }

    private <T> CompletableFuture<T> run(T result, Request request) {
        CompletableFuture<T> future = new CompletableFuture<>();
        executor.execute(() -> {
            try {
                request.run(Deadline.after(timeout));
                future.complete(result);
            } catch (IOException | RuntimeException e) {
                future.completeExceptionally(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    @FunctionalInterface
    private interface Request {
        void run(Deadline deadline) throws IOException, InterruptedException;
    }
}
