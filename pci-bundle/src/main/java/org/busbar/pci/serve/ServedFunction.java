package org.busbar.pci.serve;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A function that can be served. Its {@link org.busbar.pci.host.DmaSpace} maps memory that it is given, at any address from 0
 * to 2^62, and does not look at ranges. Thread-safe.
 */
@ConsumerType
public interface ServedFunction {

    /** What a word of {@linkplain #doorbells doorbell memory} holds that was not written since it was last looked at. */
    int NOT_RUNG = -1;

    /** Returns what is served. */
    HostFunction function();

    /**
     * Returns which registers a client may write in memory, instead of by messages: those of which each write says all, in
     * 32 bits, and only the latest counts. Whole pages.
     */
    default Optional<Doorbells> doorbells() {
        return Optional.empty();
    }

    /**
     * Opens the function for a client.
     *
     * @param notices told of what happens to it
     * @param memory shared with the client, where the function looks for what is written to its doorbells, and puts {@link
     *     #NOT_RUNG} in its place; null if there are none. It stays valid for as long as it is referred to
     * @throws OpenException if it cannot be opened
     */
    FunctionHandle open(FunctionNotices notices, @Nullable MemorySegment memory) throws OpenException;

    /**
     * Registers that can be written in memory.
     *
     * @param bar the base address register behind which they are
     * @param offset of the first, a multiple of 4,096
     * @param size bytes, a multiple of 4,096
     */
    record Doorbells(int bar, long offset, long size) {}
}
