package org.busbar.emulator.internal.function;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory that a function can reach.
 *
 * @param address the function's address of the first byte
 * @param memory the memory
 * @param arena what it lives in
 */
record Mapping(long address, MemorySegment memory, Arena arena) {

    /** Returns the address after the last byte. Addresses are below 2^62, so nothing overflows. */
    long end() {
        return address + memory.byteSize();
    }
}
