package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;

/**
 * Finds out what is in the way of opening a function, by looking only, and says what to do about it. It looks at links and
 * directories, which the kernel shows without waiting for a device: the core asks while everything else waits.
 */
final class Obstacles {

    static final String CONFIG = "conf/org.busbar.pci.linux.cfg";

    private static final int BRIDGE = 0x06;
    /** Kernel drivers that do not use their device, so that the rest of its IOMMU group may be used by others. */
    private static final Set<String> PASSIVE = Set.of(KernelBinding.VFIO_PCI, "pci-stub", "pcieport");

    private final Sysfs sysfs;
    private final Identities identities;

    /** @param identities what is known of devices, without looking */
    Obstacles(Sysfs sysfs, Identities identities) {
        this.sysfs = sysfs;
        this.identities = identities;
    }

    /** Knows what devices are. */
    @FunctionalInterface
    interface Identities {
        Optional<PciIds> ids(PciAddress address);
    }

    /**
     * What is in the way.
     *
     * @param text what it is and what to do about it
     */
    record Obstacle(Reason reason, String text) {}

    static void throwIf(Optional<Obstacle> obstacle) throws OpenException {
        if (obstacle.isPresent()) {
            throw new OpenException(obstacle.get().reason(), obstacle.get().text());
        }
    }

    Optional<Obstacle> find(LinuxFunction function, ClaimRules rules) {
        PciAddress address = function.address();
        if (!isThere(function)) {
            return obstacle(Reason.GONE, address + " is not there any more");
        }
        if (function.ids().classCode() >>> 16 == BRIDGE) {
            return obstacle(Reason.NOT_CLAIMED, address + " is a bridge, which the kernel lets no program drive");
        }
        Optional<Obstacle> rule = ruleMissing(function, rules);
        return rule.isPresent() ? rule : groupUnusable(function, rules);
    }

    private boolean isThere(LinuxFunction function) {
        try {
            return sysfs.inode(function.address()) == function.inode();
        } catch (IOException e) {
            return false;
        }
    }

    private Optional<Obstacle> ruleMissing(LinuxFunction function, ClaimRules rules) {
        if (rules.names(function.address(), function.ids())) {
            return Optional.empty();
        }
        Optional<String> driver = function.kernelDriver();
        boolean onVfio = driver.filter(KernelBinding.VFIO_PCI::equals).isPresent();
        if (onVfio && rules.useVfioBound()) {
            return Optional.empty();
        }
        String owner = driver.map(name -> (onVfio ? "it is on " : "kernel driver ") + name + (onVfio ? "" : " has it"))
                .orElse("no kernel driver has it");
        return obstacle(Reason.NOT_CLAIMED, owner + " and no claim rule names it; to let Busbar drive it add "
                + function.address() + " to claims in " + CONFIG
                + (onVfio ? ", or set useVfioBound=true there" : ""));
    }

    private Optional<Obstacle> groupUnusable(LinuxFunction function, ClaimRules rules) {
        PciAddress address = function.address();
        if (function.iommuGroup().isEmpty()) {
            return obstacle(Reason.NO_IOMMU, address + " is in no IOMMU group: the machine has no IOMMU, or it is off."
                    + " Turn it on in the firmware (VT-d, AMD-Vi) and start the kernel with intel_iommu=on or"
                    + " amd_iommu=on");
        }
        List<PciAddress> members;
        try {
            members = sysfs.groupMembers(address);
        } catch (IOException e) {
            return obstacle(Reason.FAILED, "cannot list the IOMMU group of " + address + ": " + e.getMessage());
        }
        for (PciAddress member : members) {
            if (!member.equals(address) && isKernelOwned(member) && !isNamed(member, rules)) {
                return obstacle(Reason.GROUP_SHARED, member + ", which kernel driver "
                        + sysfs.kernelDriver(member).orElse("?") + " has, is in the same IOMMU group ("
                        + function.iommuGroup().orElse(-1) + ") as " + address + ", and a group is used by one side"
                        + " only. Add " + member + " to claims in " + CONFIG + " as well, or put the card into another"
                        + " slot");
            }
        }
        return Optional.empty();
    }

    /** Returns whether a kernel driver uses a device. */
    boolean isKernelOwned(PciAddress address) {
        return sysfs.kernelDriver(address).filter(driver -> !PASSIVE.contains(driver)).isPresent();
    }

    /** Returns whether a rule names the device at an address. */
    boolean isNamed(PciAddress address, ClaimRules rules) {
        Optional<PciIds> ids = identities.ids(address);
        return ids.isPresent() && rules.names(address, ids.get());
    }

    private static Optional<Obstacle> obstacle(Reason reason, String text) {
        return Optional.of(new Obstacle(reason, text));
    }
}
