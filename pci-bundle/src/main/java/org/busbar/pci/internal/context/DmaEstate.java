package org.busbar.pci.internal.context;

import java.util.Map;
import org.busbar.pci.host.DmaSpace;

/**
 * The memory that a driver has left to its successor: mapped, and reachable for the function as before.
 *
 * @param space the function's
 * @param addresses what is left of the function's addresses
 * @param memory by name; nothing of it is taken
 */
record DmaEstate(DmaSpace space, RangeAllocator addresses, Map<String, DmaChunk> memory) {

    long bytes() {
        return memory.values().stream().mapToLong(DmaChunk::size).sum();
    }

    /** Ends the mappings, even if ending one of them fails. */
    void release(ReleaseSteps steps) {
        memory.forEach((name, chunk) -> steps.run("unmap " + name, () -> space.unmap(chunk.address())));
    }
}
