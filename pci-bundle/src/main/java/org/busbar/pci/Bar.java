package org.busbar.pci;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The registers behind a base address register, mapped or reached by messages. Little endian. Offsets are in bytes and
 * multiples of the access width; others throw {@link IndexOutOfBoundsException} or {@link IllegalArgumentException}.
 *
 * <p>Writes are release stores: what the thread has written to DMA memory before is visible to the device that sees the
 * write. Reads are acquire loads. Thread-safe; allocates nothing.
 *
 * <p>Once the device is gone a read may give all ones; once the grant is revoked every access throws
 * {@link org.busbar.device.DeviceGoneException}.
 */
@ConsumerType
public interface Bar {

    /** Returns the bytes that it spans. */
    long size();

    /** Returns whether an access is a load or store of the processor, cheap, and not a message or system call. */
    boolean isMapped();

    /** Reads 8 bits, 0 to 255. */
    int read8(long offset);

    /** Reads 16 bits, 0 to 65535. */
    int read16(long offset);

    /** Reads 32 bits. */
    int read32(long offset);

    /** Reads 64 bits, as one access where the host can, else as two of 32, low half first. */
    long read64(long offset);

    /** Writes 8 bits. */
    void write8(long offset, int value);

    /** Writes 16 bits. */
    void write16(long offset, int value);

    /** Writes 32 bits. */
    void write32(long offset, int value);

    /** Writes 64 bits, as one access where the host can, else as two of 32, low half first. */
    void write64(long offset, long value);
}
