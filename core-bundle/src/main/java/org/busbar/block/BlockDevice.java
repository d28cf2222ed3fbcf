package org.busbar.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.busbar.device.Deadline;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device, or a part of one, that stores fixed-size blocks: for NVMe, a namespace. An OSGi service that lives exactly as
 * long as its binding.
 *
 * <p>Two ways to use it: {@link #read}, {@link #write} and {@link #flush} block, copy, and may be called from any thread.
 * {@link #openQueue} gives a queue for one thread that copies nothing and allocates nothing per request.
 *
 * <p>What a device does not support fails with {@link BlockIOException} of {@link BlockStatus#NOT_SUPPORTED} that names it;
 * {@link #features} tells beforehand. {@code org.busbar.block.io} has channels and futures on top of this.
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

    /**
     * Service property: whether the medium may be reached through several devices at once ({@code Boolean}), as a namespace
     * that several controllers have attached. Without it, it may not.
     */
    String SHARED = "block.shared";

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

    /** Returns what the device offers. It does not change while the service is there. */
    default BlockFeatures features() {
        return BlockFeatures.BASIC;
    }

    /**
     * Reads as {@link #read(long, ByteBuffer, Deadline)} does, with options. On devices with metadata other than
     * protection information that the device makes, the metadata is not delivered.
     */
    default void read(long block, ByteBuffer target, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), "options");
    }

    /**
     * Writes as {@link #write(long, ByteBuffer, Deadline)} does, with options; metadata besides protection information is
     * written as zeroes.
     *
     * @throws BlockIOException of {@link BlockStatus#NOT_SUPPORTED} also if the options ask for force unit access, and
     *     the device has no {@link BlockFeature#FORCE_UNIT_ACCESS}
     */
    default void write(long block, ByteBuffer source, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), "options");
    }

    /**
     * Reads blocks and their metadata, whether the device keeps the two apart or not.
     *
     * @param target filled with data
     * @param metadata filled with as many blocks' metadata, {@link BlockMetadata#bytes} each
     */
    default void read(
            long block, ByteBuffer target, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), "metadata");
    }

    /** Writes blocks and their metadata, whether the device keeps the two apart or not. */
    default void write(
            long block, ByteBuffer source, ByteBuffer metadata, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), "metadata");
    }

    /**
     * Has the device compare blocks with data.
     *
     * @param expected compared from its position to its limit; the length is a multiple of the block size
     * @throws BlockIOException of {@link BlockStatus#COMPARE_MISMATCH} if they differ
     */
    default void compare(long block, ByteBuffer expected, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), BlockFeature.COMPARE.text());
    }

    /** Has the device write zeroes, in as many requests as it takes. */
    default void writeZeroes(long block, long blocks, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), BlockFeature.WRITE_ZEROES.text());
    }

    /** Has the device check that blocks can be read and that their protection information is right. */
    default void verify(long block, long blocks, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), BlockFeature.VERIFY.text());
    }

    /**
     * Gives blocks back (TRIM), in as many requests as it takes. What they read as afterwards the device decides: what
     * they held, or zeroes, or ones.
     */
    default void deallocate(List<BlockRange> ranges, Deadline deadline) throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), BlockFeature.DEALLOCATE.text());
    }

    /**
     * Has the device copy blocks, in as many requests as it takes. If it fails, some blocks may have been written.
     *
     * @param from what is copied, in order
     * @param to the first block that is written; what is written does not overlap what is copied
     */
    default void copy(List<BlockRange> from, long to, RequestOptions options, Deadline deadline)
            throws IOException, InterruptedException {
        throw BlockIOException.notSupported(name(), BlockFeature.COPY.text());
    }

    /**
     * Returns a status field of the device in words.
     *
     * @param deviceStatus as {@link BlockIOException#deviceStatus} gives it
     */
    default String statusText(int deviceStatus) {
        return deviceStatus < 0 ? "no status" : "status 0x" + Integer.toHexString(deviceStatus);
    }

    /**
     * Opens a queue as {@link #openQueue(int)} does.
     *
     * @throws IllegalArgumentException if the device does not allow that depth; the message says what it allows
     * @throws BlockIOException if the device grants no further queue
     */
    default BlockQueue openQueue(QueueOptions options) throws BlockIOException {
        return openQueue(options.depth());
    }

    /**
     * Has an action run once when this device is over: its binding has ended, the device reaches no memory of this machine,
     * and no request that it was given can take effect any more. That is later than the moment at which requests fail with
     * {@link org.busbar.device.DeviceGoneException}. At once if that has been already.
     *
     * @param action called on any thread; must neither block nor throw. Never called if the device cannot be cut off
     * @return whether this device can tell; if not, the action is never called
     * @throws org.busbar.device.DeviceGoneException if the device is going already and it is too late to be told
     */
    default boolean whenOver(Runnable action) {
        return false;
    }
}
