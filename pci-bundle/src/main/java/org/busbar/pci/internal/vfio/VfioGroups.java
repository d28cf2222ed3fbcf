package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.host.DmaSpace.Range;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;

/**
 * The IOMMU groups that are open: each is opened for its first function and closed after its last. Thread-safe; whoever waits
 * for the kernel to open or close a group holds up only those who want the same.
 */
final class VfioGroups {

    /** Opens groups. */
    @FunctionalInterface
    interface Opener {
        VfioGroup open(int number) throws OpenException;
    }

    private final Opener opener;
    private final Map<Integer, ReentrantLock> locks = new ConcurrentHashMap<>();
    private final Map<Integer, VfioGroup> open = new ConcurrentHashMap<>();

    VfioGroups(Opener opener) {
        this.opener = opener;
    }

    /** Takes part in a group, opening it if need be. */
    Member join(int number) throws OpenException {
        ReentrantLock lock = lock(number);
        lock.lock();
        try {
            VfioGroup group = open.get(number);
            if (group == null) {
                group = opener.open(number);
                open.put(number, group);
            }
            OptionalInt share = group.shares().take();
            if (share.isEmpty()) {
                throw new OpenException(Reason.BUSY,
                        ("this process has IOMMU group %d open already, with all the functions that it had then:"
                                + " close those first").formatted(number));
            }
            return new Member(group, share.getAsInt());
        } finally {
            lock.unlock();
        }
    }

    private void strand(VfioGroup group, int share, Arena memory) {
        ReentrantLock lock = lock(group.number());
        lock.lock();
        try {
            group.shares().retire(share);
            group.strand(memory);
        } finally {
            lock.unlock();
        }
    }

    private void leave(VfioGroup group, int share) {
        ReentrantLock lock = lock(group.number());
        lock.lock();
        try {
            group.shares().give(share);
            if (group.shares().isIdle()) {
                open.remove(group.number());
                group.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(int number) {
        return locks.computeIfAbsent(number, group -> new ReentrantLock());
    }

    /** One function's part in a group, until it is closed: once, after the function's own descriptor. */
    final class Member implements AutoCloseable {

        private final VfioGroup group;
        private final int share;

        private Member(VfioGroup group, int share) {
            this.group = group;
            this.share = share;
        }

        VfioGroup group() {
            return group;
        }

        /** Returns the addresses that this function may use. */
        List<Range> ranges() {
            return group.shares().of(share);
        }

        /** Keeps memory that the function may still reach until the group is closed, and its addresses from others. */
        void strand(Arena memory) {
            VfioGroups.this.strand(group, share, memory);
        }

        @Override
        public void close() {
            leave(group, share);
        }
    }
}
