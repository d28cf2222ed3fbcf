package org.busbar.pci.internal.vfio;

import static org.busbar.pci.host.OpenException.Reason.BUSY;
import static org.busbar.pci.host.OpenException.Reason.FAILED;
import static org.busbar.pci.host.OpenException.Reason.GONE;
import static org.busbar.pci.host.OpenException.Reason.GROUP_SHARED;
import static org.busbar.pci.host.OpenException.Reason.LIMIT;
import static org.busbar.pci.host.OpenException.Reason.NOT_CLAIMED;
import static org.busbar.pci.host.OpenException.Reason.NO_IOMMU;
import static org.busbar.pci.host.OpenException.Reason.PERMISSION;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.jspecify.annotations.Nullable;

/** Says why something of VFIO cannot be opened, and what to do about it. */
final class OpenFailures {

    private static final String TURN_ON_IOMMU =
            "turn it on in the firmware (VT-d, AMD-Vi) and, on Intel, boot with intel_iommu=on";

    private OpenFailures() {}

    /** The function has no IOMMU group. */
    static OpenException noGroup(String address) {
        return new OpenException(NO_IOMMU,
                address + " is behind no IOMMU, so it cannot be used safely: " + TURN_ON_IOMMU);
    }

    /** The container cannot be opened. */
    static OpenException container(VfioPaths paths, ErrnoException e) {
        Path file = paths.container();
        return switch (e.errno()) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                new OpenException(FAILED, "there is no " + file + ": load the kernel module with 'modprobe vfio-pci'",
                        e);
            case Errno.EACCES, Errno.EPERM ->
                new OpenException(PERMISSION, "no permission to open " + file + ": 'chmod 0666 " + file + "' gives it",
                        e);
            default -> general(file.toString(), e);
        };
    }

    /** The container has no IOMMU of the kind that is needed. */
    static OpenException noType1(VfioPaths paths) {
        return paths.hasIommu()
                ? new OpenException(FAILED, "the kernel's VFIO has no type 1 IOMMU: 'modprobe vfio_iommu_type1'")
                : new OpenException(NO_IOMMU, "this machine has no IOMMU, or it is off: " + TURN_ON_IOMMU);
    }

    /** A group cannot be opened. */
    static OpenException group(VfioPaths paths, int number, ErrnoException e) {
        Path file = paths.group(number);
        return switch (e.errno()) {
            case Errno.ENOENT, Errno.ENODEV, Errno.ENXIO ->
                new OpenException(
                        NOT_CLAIMED,
                        "there is no %s: no function of IOMMU group %d is bound to vfio-pci, but there are %s; a claim rule that names one does that"
                                .formatted(file, number, String.join(", ", paths.describeFunctionsOf(number))),
                        e);
            case Errno.EACCES, Errno.EPERM ->
                new OpenException(
                        PERMISSION,
                        ("no permission to open %1$s: 'chown %2$s %1$s' gives it until the device is bound anew;"
                                + " the udev rule SUBSYSTEM==\"vfio\", OWNER=\"%2$s\" for good")
                                .formatted(file, System.getProperty("user.name")),
                        e);
            case Errno.EBUSY -> {
                List<String> users = FileUsers.of(paths.proc(), file);
                String who = users.isEmpty() ? "another process, which only root can see" : String.join(", ", users);
                yield new OpenException(BUSY, file + " is in use by " + who + ": it can be open once only", e);
            }
            default -> general(file.toString(), e);
        };
    }

    /** A group has functions that are driven by the kernel. */
    static OpenException groupShared(VfioPaths paths, int number) {
        return groupShared(paths, number, null);
    }

    private static OpenException groupShared(
            VfioPaths paths, int number, @Nullable ErrnoException cause) {
        String message =
                ("IOMMU group %d is shared with functions that kernel drivers have: %s; all of the group must be"
                        + " bound to vfio-pci or to no driver, so extend the claim rule to them or put the card into another slot")
                        .formatted(number, String.join(", ", paths.describeFunctionsOf(number)));
        return cause == null
                ? new OpenException(GROUP_SHARED, message)
                : new OpenException(GROUP_SHARED, message, cause);
    }

    /** A group cannot join its container. */
    static OpenException join(VfioPaths paths, int number, ErrnoException e) {
        return switch (e.errno()) {
            case Errno.EBUSY, Errno.EPERM, Errno.EINVAL -> groupShared(paths, number, e);
            default -> general("IOMMU group " + number, e);
        };
    }

    /** A function of a group cannot be opened. */
    static OpenException device(VfioPaths paths, String address, ErrnoException e) {
        Optional<String> driver = paths.driverOf(address);
        return switch (e.errno()) {
            case Errno.ENODEV, Errno.EINVAL, Errno.ENOENT ->
                driver.isPresent() && driver.get().equals("vfio-pci")
                        ? new OpenException(GONE, address + " is being removed", e)
                        : new OpenException(
                                NOT_CLAIMED,
                                "%s is not bound to vfio-pci but to %s; a claim rule that names it changes that"
                                        .formatted(address, driver.orElse("no driver")),
                                e);
            case Errno.EBUSY -> new OpenException(BUSY, address + " is in use already", e);
            default -> general(address, e);
        };
    }

    /** Something failed that has no explanation of its own. */
    static OpenException unexpected(String what, ErrnoException e) {
        return general(what, e);
    }

    private static OpenException general(String what, ErrnoException e) {
        return switch (e.errno()) {
            case Errno.EMFILE ->
                new OpenException(
                        LIMIT,
                        "cannot open " + what
                                + ": this process has too many files open; raise 'ulimit -n' or LimitNOFILE=",
                        e);
            case Errno.ENOMEM -> new OpenException(LIMIT, "cannot open " + what + ": no memory: " + e.getMessage(), e);
            case Errno.EACCES, Errno.EPERM ->
                new OpenException(PERMISSION, "no permission for " + what + ": " + e.getMessage(), e);
            default -> new OpenException(FAILED, "cannot open " + what + ": " + e.getMessage(), e);
        };
    }
}
