package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.busbar.pci.internal.linux.FunctionOpener;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;

/** Opens functions that are bound to vfio-pci. Thread-safe; functions of different groups do not wait for each other. */
public final class VfioOpener implements FunctionOpener {

    /** The kernel resets a function when it is opened; a dead card makes that last over a minute. */
    private static final long OPEN_MILLIS = 20_000;

    private final VfioPaths paths;
    private final VfioGroups groups;

    public VfioOpener() {
        this(VfioPaths.SYSTEM);
    }

    VfioOpener(VfioPaths paths) {
        this.paths = paths;
        this.groups = new VfioGroups(new VfioGroupOpener(paths));
    }

    @Override
    public Handle open(HostFunction function, int iommuGroup, FunctionNotices notices) throws OpenException {
        String address = function.address().toString();
        if (iommuGroup < 0) {
            throw OpenFailures.noGroup(address);
        }
        VfioGroups.Member member = groups.join(iommuGroup);
        VfioDevice device = openDevice(address, member);
        boolean done = false;
        try {
            Handle handle = openHandle(device, member, notices);
            done = true;
            return handle;
        } catch (ErrnoException e) {
            throw OpenFailures.unexpected(address, e);
        } catch (IOException e) {
            throw new OpenException(Reason.FAILED, "cannot open " + address + ": " + e.getMessage(), e);
        } catch (DeviceGoneException e) {
            throw new OpenException(Reason.GONE, address + " is there, but does not answer: was it pulled?", e);
        } finally {
            if (!done) {
                VfioFunctionHandle.closeDescriptors(device, member, () -> {});
            }
        }
    }

    private VfioDevice openDevice(String address, VfioGroups.Member member) throws OpenException {
        boolean inUse = false;
        try {
            VfioDevice device = KernelCall.run(
                    "open of " + address,
                    Deadline.afterMillis(OPEN_MILLIS),
                    ErrnoException.class,
                    () -> open(address, member),
                    late -> discard(late, member));
            inUse = true;
            return device;
        } catch (ErrnoException e) {
            throw OpenFailures.device(paths, address, e);
        } catch (TimeoutException e) {
            inUse = true; // until the call comes back, see discard
            throw new OpenException(
                    Reason.FAILED,
                    "%s did not come out of reset within %d s: is the card dead?".formatted(address,
                            OPEN_MILLIS / 1000),
                    e);
        } finally {
            if (!inUse) {
                member.close();
            }
        }
    }

    private static VfioDevice open(String address, VfioGroups.Member member) throws ErrnoException {
        Fd fd = member.group().openDevice(address);
        boolean done = false;
        try {
            VfioDevice device = new VfioDevice(fd, address);
            done = true;
            return device;
        } finally {
            if (!done) {
                fd.close();
            }
        }
    }

    /** Nobody waits for the device any more. */
    private static void discard(Optional<VfioDevice> device, VfioGroups.Member member) {
        device.ifPresent(VfioDevice::close);
        member.close();
    }

    private static Handle openHandle(VfioDevice device, VfioGroups.Member member, FunctionNotices notices)
            throws IOException {
        EventLoop loop = EventLoop.start(device.address());
        boolean done = false;
        try {
            Handle handle = new VfioFunctionHandle(device, member, loop, notices);
            done = true;
            return handle;
        } finally {
            if (!done) {
                loop.close();
                loop.join(Deadline.afterMillis(VfioDevice.PATIENCE_MILLIS));
            }
        }
    }
}
