package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.host.DmaSpace.Range;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCalls;

/** The IOMMU groups that are open: each is opened for its first function and closed after its last. Thread-safe. */
final class VfioGroups {

    private final VfioPaths paths;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Integer, VfioGroup> open = new HashMap<>();

    VfioGroups(VfioPaths paths) {
        this.paths = paths;
    }

    /** Takes part in a group, opening it if need be. */
    Member join(int number) throws OpenException {
        lock.lock();
        try {
            VfioGroup group = open.get(number);
            if (group == null) {
                group = open(number);
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

    private VfioGroup open(int number) throws OpenException {
        VfioContainer container = openContainer();
        try {
            return openGroup(number, container);
        } catch (OpenException | RuntimeException e) {
            container.close();
            throw e;
        }
    }

    private VfioContainer openContainer() throws OpenException {
        VfioContainer container;
        try {
            container = VfioContainer.open(paths.container().toString());
        } catch (ErrnoException e) {
            throw OpenFailures.container(paths, e);
        }
        try {
            if (!container.isUsable()) {
                throw OpenFailures.noType1(paths);
            }
            return container;
        } catch (ErrnoException e) {
            container.close();
            throw OpenFailures.unexpected("the VFIO container", e);
        } catch (OpenException e) {
            container.close();
            throw e;
        }
    }

    private VfioGroup openGroup(int number, VfioContainer container) throws OpenException {
        Fd group;
        try {
            group = FileCalls.open(paths.group(number).toString(), FileCalls.O_RDWR);
        } catch (ErrnoException e) {
            throw OpenFailures.group(paths, number, e);
        }
        try {
            if ((VfioCalls.groupFlags(group) & VfioAbi.VFIO_GROUP_FLAGS_VIABLE) == 0) {
                throw OpenFailures.groupShared(paths, number);
            }
            container.join(group);
            return new VfioGroup(number, group, container, paths.functionsOf(number));
        } catch (ErrnoException e) {
            group.close();
            throw OpenFailures.join(paths, number, e);
        } catch (OpenException | RuntimeException e) {
            group.close();
            throw e;
        }
    }

    private void strand(VfioGroup group, int share, Arena memory) {
        lock.lock();
        try {
            group.shares().retire(share);
            group.strand(memory);
        } finally {
            lock.unlock();
        }
    }

    private void leave(VfioGroup group, int share) {
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
