package org.busbar.block;

import java.lang.foreign.MemorySegment;
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
 * <p>{@link #read}, {@link #write} and {@link #flush} only prepare a request; {@link #submit} hands all that are prepared
 * to the device at once.
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

    /** Hands everything prepared to the device. */
    void submit();

    /**
     * Looks for completions and reports each.
     *
     * @param max how many to report at most
     * @return how many were reported
     */
    int poll(Completion completion, int max);

    /**
     * Waits, without using the processor, until {@link #poll} would report something.
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
    }
}
