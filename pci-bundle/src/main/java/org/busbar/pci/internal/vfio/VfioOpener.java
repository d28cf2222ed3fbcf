package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.host.FunctionHandle;
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
        this.groups = new VfioGroups(paths);
    }

    @Override
    public FunctionHandle open(HostFunction function, int iommuGroup, FunctionNotices notices) throws OpenException {
        String address = function.address().toString();
        if (iommuGroup < 0) {
            throw OpenFailures.noGroup(address);
        }
        VfioGroups.Member member = groups.join(iommuGroup);
        VfioDevice device = openDevice(address, member);
        try {
            return openHandle(device, member, notices);
        } catch (ErrnoException e) {
            VfioFunctionHandle.closeDescriptors(device, member);
            throw OpenFailures.unexpected(address, e);
        } catch (IOException e) {
            VfioFunctionHandle.closeDescriptors(device, member);
            throw new OpenException(Reason.FAILED, "cannot open " + address + ": " + e.getMessage(), e);
        } catch (DeviceGoneException e) {
            VfioFunctionHandle.closeDescriptors(device, member);
            throw new OpenException(Reason.GONE, address + " is there, but does not answer: was it pulled?", e);
        }
    }

    private VfioDevice openDevice(String address, VfioGroups.Member member) throws OpenException {
        try {
            return KernelCall.run(
                    "open of " + address,
                    Deadline.afterMillis(OPEN_MILLIS),
                    ErrnoException.class,
                    () -> open(address, member),
                    late -> discard(late, member));
        } catch (ErrnoException e) {
            member.close();
            throw OpenFailures.device(paths, address, e);
        } catch (TimeoutException e) {
            throw new OpenException(
                    Reason.FAILED,
                    "%s did not come out of reset within %d s: is the card dead?".formatted(address,
                            OPEN_MILLIS / 1000),
                    e);
        }
    }

    private static VfioDevice open(String address, VfioGroups.Member member) throws ErrnoException {
        Fd fd = member.group().openDevice(address);
        try {
            return new VfioDevice(fd, address);
        } catch (ErrnoException | RuntimeException e) {
            fd.close();
            throw e;
        }
    }

    /** Nobody waits for the device any more. */
    private static void discard(Optional<VfioDevice> device, VfioGroups.Member member) {
        device.ifPresent(VfioDevice::close);
        member.close();
    }

    private static FunctionHandle openHandle(VfioDevice device, VfioGroups.Member member, FunctionNotices notices)
            throws IOException {
        EventLoop loop = EventLoop.start(device.address());
        try {
            return new VfioFunctionHandle(device, member, loop, notices);
        } catch (IOException | RuntimeException e) {
            loop.close();
            loop.join(Deadline.afterMillis(VfioDevice.PATIENCE_MILLIS));
            throw e;
        }
    }
}
