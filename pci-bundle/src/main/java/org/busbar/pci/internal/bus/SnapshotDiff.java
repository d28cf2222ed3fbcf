package org.busbar.pci.internal.bus;

import java.util.ArrayList;
import java.util.List;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * What is different between two snapshots of one host. Found by one walk over both, which are in order of address; the
 * same snapshot again is not even walked.
 *
 * @param added functions at addresses that had none
 * @param removed functions at addresses that have none now
 * @param replaced functions that are another than before at the same address
 */
record SnapshotDiff(List<HostFunction> added, List<HostFunction> removed, List<Replacement> replaced) {

    static final SnapshotDiff NONE = new SnapshotDiff(List.of(), List.of(), List.of());

    /**
     * A function in the place of another.
     *
     * @param before the one that has gone
     * @param after the one that is there now
     */
    record Replacement(HostFunction before, HostFunction after) {}

    /**
     * Compares two snapshots.
     *
     * @throws IllegalArgumentException if the later one is not in strictly ascending order of address
     */
    static SnapshotDiff between(@Nullable HostSnapshot before, HostSnapshot after) {
        if (before == after) {
            return NONE;
        }
        return new Walk(before == null ? List.of() : before.functions(), after.functions()).result();
    }

    boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && replaced.isEmpty();
    }

    private static final class Walk {
        private final List<HostFunction> before;
        private final List<HostFunction> after;
        private final List<HostFunction> added = new ArrayList<>();
        private final List<HostFunction> removed = new ArrayList<>();
        private final List<Replacement> replaced = new ArrayList<>();
        private @Nullable PciAddress last;

        Walk(List<HostFunction> before, List<HostFunction> after) {
            this.before = before;
            this.after = after;
        }

        @SuppressWarnings("ReferenceEquality") // functions of hosts are compared by identity, as their contract says
        SnapshotDiff result() {
            // Nearly everything is as it was. What is the same before the first difference and after the last one is only
            // compared, not looked into: its order was checked when it came.
            int head = sameAtStart();
            int tail = sameAtEnd(head);
            int beforeEnd = before.size() - tail;
            int old = head;
            last = head == 0 ? null : after.get(head - 1).address();
            for (HostFunction function : after.subList(head, after.size() - tail)) {
                if (old < beforeEnd && before.get(old) == function) {
                    old++;
                    last = function.address();
                    continue;
                }
                requireAscending(function.address());
                while (old < beforeEnd && before.get(old).address().compareTo(function.address()) < 0) {
                    removed.add(before.get(old++));
                }
                if (old == beforeEnd || !before.get(old).address().equals(function.address())) {
                    added.add(function);
                } else {
                    HostFunction known = before.get(old++);
                    if (known != function) {
                        replaced.add(new Replacement(known, function));
                    }
                }
            }
            removed.addAll(before.subList(old, beforeEnd));
            if (tail > 0) {
                requireAscending(after.get(after.size() - tail).address());
            }
            return new SnapshotDiff(added, removed, replaced);
        }

        @SuppressWarnings("ReferenceEquality")
        private int sameAtStart() {
            int most = Math.min(before.size(), after.size());
            int n = 0;
            while (n < most && before.get(n) == after.get(n)) {
                n++;
            }
            return n;
        }

        @SuppressWarnings("ReferenceEquality")
        private int sameAtEnd(int head) {
            int most = Math.min(before.size(), after.size()) - head;
            int n = 0;
            while (n < most && before.get(before.size() - 1 - n) == after.get(after.size() - 1 - n)) {
                n++;
            }
            return n;
        }

        private void requireAscending(PciAddress next) {
            if (last != null && last.compareTo(next) >= 0) {
                throw new IllegalArgumentException("functions out of order: " + next + " after " + last);
            }
            last = next;
        }
    }
}
