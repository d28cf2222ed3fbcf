package org.busbar.pci.internal.vfio;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioCalls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open IOMMU group with its container. The kernel lets a group be opened once only, so its functions share it. */
final class VfioGroup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VfioGroup.class);
    private static final long PATIENCE_MILLIS = 1_000;

    private final int number;
    private final Fd fd;
    private final VfioContainer container;
    private final IommuInfo info;
    private final AddressShares shares;
    private final List<Arena> stranded = new ArrayList<>();

    /**
     * @param container that the group has joined
     * @param functions how many functions the group has
     */
    VfioGroup(int number, Fd fd, VfioContainer container, int functions) throws ErrnoException {
        this.number = number;
        this.fd = fd;
        this.container = container;
        this.info = container.info();
        this.shares = new AddressShares(info.ranges(), info.pageSize(), functions);
    }

    int number() {
        return number;
    }

    VfioContainer container() {
        return container;
    }

    IommuInfo info() {
        return info;
    }

    /** Returns who uses which addresses. Guarded by the lock of {@link VfioGroups}. */
    AddressShares shares() {
        return shares;
    }

    /** Takes memory over that a function may still reach. Guarded by the lock of {@link VfioGroups}. */
    void strand(Arena memory) {
        stranded.add(memory);
    }

    /** Opens a function of the group. Takes as long as the function takes to reset. */
    Fd openDevice(String address) throws ErrnoException {
        return VfioCalls.openDevice(fd, address);
    }

    /** Closes the group, then its container; its functions are closed already. */
    @Override
    public void close() {
        fd.close();
        container.close();
        // With the container the kernel has ended all mappings.
        for (Arena memory : stranded) {
            if (!Arenas.close(memory, Deadline.afterMillis(PATIENCE_MILLIS))) {
                LOG.error("IOMMU group {}: memory is lost, as a system call of this program is still using it", number);
            }
        }
    }
}
