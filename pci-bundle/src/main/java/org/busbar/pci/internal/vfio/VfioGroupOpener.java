package org.busbar.pci.internal.vfio;

import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.busbar.pci.internal.sys.VfioAbi;
import org.busbar.pci.internal.sys.VfioCalls;

/** Opens a group by the kernel's VFIO files, in a container of its own. */
final class VfioGroupOpener implements VfioGroups.Opener {

    private final VfioPaths paths;

    VfioGroupOpener(VfioPaths paths) {
        this.paths = paths;
    }

    @Override
    public VfioGroup open(int number) throws OpenException {
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
}
