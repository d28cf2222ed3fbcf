package org.busbar.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.busbar.device.Deadline;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device, or a part of one, that stores fixed-size blocks: for NVMe, a namespace. An OSGi service that lives exactly as
 * long as its binding.
 *
 * <p>Two ways to use it: {@link #read}, {@link #write} and {@link #flush} block, copy, and may be called from any thread.
 * {@link #openQueue} gives a queue for one thread that copies nothing and allocates nothing per request.
 *
 * <p>After the device has gone every method that does I/O fails with {@link org.busbar.device.DeviceGoneException}.
 */
@ProviderType
public interface BlockDevice {

    /** Service property: size in bytes ({@code Long}). */
    String SIZE = "block.size";

    /** Service property: bytes per block ({@code Integer}). */
    String BLOCK_SIZE = "block.blocksize";

    /** Service property: lasting identity of the medium, for example an EUI64 or serial number and namespace. */
    String IDENTITY = "block.identity";

    /** Service property: vendor's model name. */
    String MODEL = "block.model";

    /** Service property: serial number. */
    String SERIAL = "block.serial";

    /** Returns a short name, unique among the block devices of a runtime, for example {@code 0000:02:00.0/n1}. */
    String name();

    /** Returns the number of blocks; addresses run from 0 to this less one. */
    long blockCount();

    /** Returns the bytes per block, a power of two. */
    int blockSize();

    /** Returns how many blocks one request may span at most; {@link #read} and {@link #write} split for themselves. */
    int maxBlocksPerRequest();

    /**
     * Reads whole blocks.
     *
     * @param block first block
     * @param target filled from its position to its limit; the length is a multiple of the block size
     * @param deadline by when the data has to be there
     * @throws BlockIOException if the device reports an error; the type says which
     * @throws IOException never otherwise
     * @throws IllegalArgumentException if the range is outside the device or no multiple of the block size
     * @throws InterruptedException if the thread is interrupted; the request may still take effect
     */
    void read(long block, ByteBuffer target, Deadline deadline) throws IOException, InterruptedException;

    /**
     * Writes whole blocks. When this returns the device has taken the data; {@link #flush} makes it durable.
     *
     * @param block first block
     * @param source written from its position to its limit; the length is a multiple of the block size
     * @param deadline by when the device has to have taken it
     * @throws BlockIOException if the device reports an error; the type says which
     * @throws IOException never otherwise
     * @throws IllegalArgumentException if the range is outside the device or no multiple of the block size
     * @throws InterruptedException if the thread is interrupted; the request may still take effect
     */
    void write(long block, ByteBuffer source, Deadline deadline) throws IOException, InterruptedException;

    /**
     * Makes everything durable whose write had completed before this call.
     *
     * @throws BlockIOException if the device reports an error
     * @throws IOException never otherwise
     * @throws InterruptedException if the thread is interrupted
     */
    void flush(Deadline deadline) throws IOException, InterruptedException;

    /**
     * Opens a queue for the calling thread or any one other.
     *
     * @param depth how many requests may be in flight at once; at least 1
     * @throws IllegalArgumentException if the device does not allow that depth; the message says what it allows
     * @throws BlockIOException if the device grants no further queue
     */
    BlockQueue openQueue(int depth) throws BlockIOException;
}
