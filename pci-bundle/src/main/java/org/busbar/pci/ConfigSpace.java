package org.busbar.pci;

import java.util.List;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Configuration space of a function: 256 bytes, or 4,096 for PCI Express. Little endian. Offsets are in bytes and
 * multiples of the access width. Thread-safe.
 *
 * <p>Accesses beyond {@link #size} throw {@link IndexOutOfBoundsException}; once the device is gone or the grant revoked
 * they throw {@link org.busbar.device.DeviceGoneException}.
 */
@ConsumerType
public interface ConfigSpace {

    /** Returns how many bytes can be read: 64, 256 or 4,096. */
    int size();

    /** Reads a byte, 0 to 255. */
    int read8(int offset);

    /** Reads 16 bits, 0 to 65535. */
    int read16(int offset);

    /** Reads 32 bits. */
    int read32(int offset);

    /** Writes a byte. */
    void write8(int offset, int value);

    /** Writes 16 bits. */
    void write16(int offset, int value);

    /** Writes 32 bits. */
    void write32(int offset, int value);

    /** Returns the capabilities, standard ones first, in the order of their lists; a broken list ends where it breaks. */
    List<Capability> capabilities();

    /** Returns the offset of the first standard capability with an ID (PCI Local Bus 3.0, appendix H). */
    default OptionalInt find(int id) {
        return capabilities().stream()
                .filter(c -> !c.extended() && c.id() == id)
                .mapToInt(Capability::offset)
                .findFirst();
    }

    /**
     * A capability.
     *
     * @param id capability ID
     * @param offset where it starts
     * @param extended whether it is a PCI Express extended capability
     */
    record Capability(int id, int offset, boolean extended) {}
}
