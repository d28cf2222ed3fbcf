package org.busbar.pci.internal.linux;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Arrays of functions in ascending order of address. */
final class SortedFunctions {

    private static final LinuxFunction[] NONE = {};
    private static final Comparator<LinuxFunction> BY_ADDRESS = Comparator.comparingLong(LinuxFunction::key);

    private SortedFunctions() {}

    /** Returns the index of the function at an address (its number); if there is none, minus the place for it minus 1. */
    static int find(LinuxFunction[] sorted, long key) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long at = sorted[middle].key();
            if (at == key) {
                return middle;
            }
            if (at < key) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    /** Returns all functions and one more, at whose address there is none. */
    static LinuxFunction[] with(LinuxFunction[] sorted, LinuxFunction added) {
        int place = -find(sorted, added.key()) - 1;
        LinuxFunction[] all = Arrays.copyOf(sorted, sorted.length + 1);
        System.arraycopy(sorted, place, all, place + 1, sorted.length - place);
        all[place] = added;
        return all;
    }

    /** Returns all functions but the one with this index; if the index is negative, the array itself. */
    static LinuxFunction[] without(LinuxFunction[] sorted, int index) {
        if (index < 0) {
            return sorted;
        }
        LinuxFunction[] left = Arrays.copyOf(sorted, sorted.length - 1);
        System.arraycopy(sorted, index + 1, left, index, left.length - index);
        return left;
    }

    /**
     * Returns those of {@code known} that have stayed and those that are fresh.
     *
     * @param stayed which of {@code known} have stayed
     * @param stayedCount how many they are
     * @param fresh others, in any order
     */
    static LinuxFunction[] merge(LinuxFunction[] known, boolean[] stayed, int stayedCount, List<LinuxFunction> fresh) {
        LinuxFunction[] added = fresh.toArray(NONE);
        Arrays.sort(added, BY_ADDRESS);
        LinuxFunction[] all = new LinuxFunction[stayedCount + added.length];
        int next = 0;
        int n = 0;
        for (int i = 0; i < known.length; i++) {
            if (stayed[i]) {
                while (next < added.length && added[next].key() < known[i].key()) {
                    all[n++] = added[next++];
                }
                all[n++] = known[i];
            }
        }
        System.arraycopy(added, next, all, n, added.length - next);
        return all;
    }
}
