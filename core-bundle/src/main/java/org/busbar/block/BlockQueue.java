package org.busbar.block;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A submission queue of a block device and its completions, for one thread at a time. Nothing in here blocks but
 * {@link #await}, and nothing allocates per request.
 *
 * <p>Requests carry a tag of the caller's choice, which comes back with the completion. Requests that were accepted
 * complete exactly once, in any order, by {@link #poll}: when the device goes, with {@link BlockStatus#GONE}. From then
 * on {@link #read}, {@link #write} and {@link #flush} throw {@link org.busbar.device.DeviceGoneException}; what was accepted
 * before still has to be polled. After {@link #close} everything throws {@link IllegalStateException}.
 *
 * <p>{@link #read}, {@link #write}, {@link #flush} and the others that take a tag only prepare a request; {@link #submit}
 * hands all that are prepared to the device at once. Those that the device does not support
 * ({@link BlockDevice#features}) throw {@link UnsupportedOperationException}.
 *
 * <p>While the device is being reset there is no room, also with nothing in flight; {@link #poll} goes on reporting, and what
 * was in flight is sent again by the first poll after it. So a buffer belongs to its request until that has completed.
 *
 * <p>A buffer is as long as its blocks, {@link BlockDevice#blockSize} each. On devices with inline metadata each block is
 * followed by its metadata, unless {@link BlockMetadata#isStripped} holds for the options of the request.
 */
@ProviderType
public interface BlockQueue extends AutoCloseable {

    /** Returns how many requests may be in flight at once. */
    int depth();

    /** Returns how many requests are prepared or in flight. */
    int inFlight();

    /**
     * Allocates memory that the device can reach, zeroed and aligned to a page. It lives until the queue is closed.
     *
     * @param bytes at least 1
     * @throws BlockIOException if there is no more such memory; the message says what limits it
     */
    MemorySegment allocate(long bytes) throws BlockIOException;

    /**
     * Has requests of this queue take memory that somebody else has allocated, as if {@link #allocate} had returned it: until
     * the queue is closed or the device has gone. The memory stays what it is.
     *
     * @param memory native, whole pages of the device, aligned to them; 64 KiB suit every device. To be kept until {@code
     *     unreachable} has run
     * @param unreachable called once, on any thread, when the device cannot reach the memory any more: by {@link #close} or
     *     when its binding has ended. Never if the device may go on reaching it. Must neither block nor throw
     * @throws BlockIOException if the device cannot reach it; the message says why
     * @throws UnsupportedOperationException if the device takes no memory of others
     */
    default void map(MemorySegment memory, Runnable unreachable) throws BlockIOException {
        throw unsupported("memory of others");
    }

    /**
     * Prepares a read into memory from {@link #allocate}.
     *
     * @param buffer the segment that {@code allocate} returned, whole
     * @param offset where in it the data goes, a multiple of 4
     * @return whether there was room; if not, {@link #poll} and try again
     * @throws IllegalArgumentException if a block, length or buffer is out of range
     */
    boolean read(long block, int blocks, MemorySegment buffer, long offset, long tag);

    /** Prepares a write from memory from {@link #allocate}; otherwise as {@link #read}. */
    boolean write(long block, int blocks, MemorySegment buffer, long offset, long tag);

    /** Prepares a flush: it makes durable what had completed before it was submitted. */
    boolean flush(long tag);

    /**
     * Makes a vector for requests of this queue.
     *
     * @param pieces how many pieces it has room for, 1 to 4096
     */
    default BlockVector newVector(int pieces) {
        throw unsupported("vectors");
    }

    /** Prepares a read as {@link #read(long, int, MemorySegment, long, long)} does, with options. */
    default boolean read(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        throw unsupported("options");
    }

    /** Prepares a write as {@link #write(long, int, MemorySegment, long, long)} does, with options. */
    default boolean write(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        throw unsupported("options");
    }

    /**
     * Prepares a read into several pieces of memory, in order.
     *
     * @param data pieces that together are as long as the blocks; it may be changed when this returns
     * @return whether there was room; if not, {@link #poll} and try again
     * @throws IllegalArgumentException if a block or length is out of range
     */
    default boolean read(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        throw unsupported("vectors");
    }

    /** Prepares a write from several pieces of memory; otherwise as the read from a vector. */
    default boolean write(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        throw unsupported("vectors");
    }

    /**
     * Prepares a comparison of blocks with memory; it completes with {@link BlockStatus#COMPARE_MISMATCH} if they differ.
     */
    default boolean compare(
            long block, int blocks, MemorySegment buffer, long offset, RequestOptions options, long tag) {
        throw unsupported(BlockFeature.COMPARE.text());
    }

    /** Prepares a comparison of blocks with several pieces of memory. */
    default boolean compare(long block, int blocks, BlockVector data, RequestOptions options, long tag) {
        throw unsupported(BlockFeature.COMPARE.text());
    }

    /**
     * Prepares the writing of zeroes.
     *
     * @param blocks 1 to 65,536
     */
    default boolean writeZeroes(long block, int blocks, RequestOptions options, long tag) {
        throw unsupported(BlockFeature.WRITE_ZEROES.text());
    }

    /**
     * Prepares a check that blocks can be read and their protection information is right.
     *
     * @param blocks 1 to 65,536
     */
    default boolean verify(long block, int blocks, RequestOptions options, long tag) {
        throw unsupported(BlockFeature.VERIFY.text());
    }

    /**
     * Prepares the giving back of blocks; what they read as afterwards the device decides.
     *
     * @param ranges 1 to {@link BlockFeatures#maxRangesPerRequest}, of at most 2^32 - 1 blocks each; looked at before
     *     this returns
     */
    default boolean deallocate(List<BlockRange> ranges, long tag) {
        throw unsupported(BlockFeature.DEALLOCATE.text());
    }

    /**
     * Prepares a copy inside the device.
     *
     * @param from what is copied, in order, as many ranges and blocks as the device allows; looked at before this returns
     * @param to the first block that is written
     */
    default boolean copy(List<BlockRange> from, long to, RequestOptions options, long tag) {
        throw unsupported(BlockFeature.COPY.text());
    }

    private static UnsupportedOperationException unsupported(String what) {
        return new UnsupportedOperationException("the device does not support: " + what);
    }

    /**
     * Hands everything prepared to the device. {@link #poll} and {@link #await} may do so as well, and nobody is to rely on
     * that.
     */
    void submit();

    /**
     * Looks for completions and reports each.
     *
     * @param max how many to report at most
     * @return how many were reported
     */
    int poll(Completion completion, int max);

    /**
     * Waits until {@link #poll} would report something: without using the processor, unless the queue was opened to poll.
     * With nothing in flight it waits until requests are taken: while the device is reset they are not. Poll after it.
     *
     * @throws DeviceTimeoutException if the deadline passes first
     * @throws InterruptedException if the thread is interrupted
     */
    void await(Deadline deadline) throws DeviceTimeoutException, InterruptedException;

    /**
     * Closes the queue. Requests in flight are waited for a few seconds, then aborted by deleting the queue, and are not
     * reported any more. If the device does not confirm the deletion, memory from {@link #allocate} stays with the
     * binding: it is not used for anything else.
     */
    @Override
    void close();

    /** Receives completions. */
    @FunctionalInterface
    interface Completion {

        /**
         * Called once for a request that has ended.
         *
         * @param tag the caller's tag
         * @param status {@link BlockStatus#OK}, or what went wrong
         */
        void completed(long tag, BlockStatus status);

        /**
         * Called once for a request that has ended, by drivers that know more; unless overridden it forgets what they
         * know.
         *
         * @param tag the caller's tag
         * @param status {@link BlockStatus#OK}, or what went wrong
         * @param deviceStatus the status field as the device gave it, for NVMe {@code SCT << 8 | SC}, 0 for success; -1
         *     if the device gave none. {@link BlockDevice#statusText} puts it into words
         */
        default void completed(long tag, BlockStatus status, int deviceStatus) {
            completed(tag, status);
        }
    }
}
