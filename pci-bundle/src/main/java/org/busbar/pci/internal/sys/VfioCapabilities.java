package org.busbar.pci.internal.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The capabilities that the kernel appends to an info structure: a list linked by offsets. A chain that points outside the
 * structure, or into a circle, ends there; arrays end where the structure ends.
 */
public final class VfioCapabilities {

    private final MemorySegment info;
    private final List<Integer> offsets;

    /**
     * @param info the info structure, all of it
     * @param first value of its {@code cap_offset}, 0 if there are none
     */
    public VfioCapabilities(MemorySegment info, int first) {
        this.info = info;
        this.offsets = new ArrayList<>();
        long most = info.byteSize() / VfioAbi.CAP_HEADER_SIZE;
        int offset = first;
        while (offset > 0 && offset <= info.byteSize() - VfioAbi.CAP_HEADER_SIZE && offsets.size() < most) {
            offsets.add(offset);
            offset = info.get(JAVA_INT_UNALIGNED, offset + (long) VfioAbi.CAP_NEXT);
        }
    }

    /** Returns whether there is a capability with an ID. */
    public boolean has(int id) {
        return find(id).isPresent();
    }

    /** Returns the 32 bits that follow the header of a capability. */
    public Optional<Integer> number(int id) {
        return find(id)
                .filter(at -> at + VfioAbi.CAP_COUNT + Integer.BYTES <= info.byteSize())
                .map(at -> info.get(JAVA_INT_UNALIGNED, (long) at + VfioAbi.CAP_COUNT));
    }

    /** Returns the array of a capability, empty if there is none. */
    public List<Pair> pairs(int id) {
        Optional<Integer> count = number(id);
        if (count.isEmpty()) {
            return List.of();
        }
        long at = find(id).orElseThrow() + (long) VfioAbi.CAP_ARRAY;
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < Integer.toUnsignedLong(count.get()) && at + VfioAbi.CAP_PAIR_SIZE <= info.byteSize()) {
            pairs.add(new Pair(info.get(JAVA_LONG_UNALIGNED, at), info.get(JAVA_LONG_UNALIGNED, at + Long.BYTES)));
            at += VfioAbi.CAP_PAIR_SIZE;
        }
        return pairs;
    }

    private Optional<Integer> find(int id) {
        return offsets.stream()
                .filter(at -> Short.toUnsignedInt(info.get(JAVA_SHORT_UNALIGNED, at)) == id)
                .findFirst();
    }

    /** An element of an array: offset and size, or first and last. */
    public record Pair(long first, long second) {}
}
