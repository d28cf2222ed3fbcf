package org.busbar.pci.internal.linux;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;

/**
 * Finds out which of the functions that the kernel wanted back has not been taken out after all: whoever unbinds a card from
 * vfio-pci asks for it in the same way as whoever pulls it, and a card that is bound there again may be used again. An event
 * alone is not believed: sysfs has to say the same. Thread-safe.
 *
 * <pre>
 *            asked                unbound             bound, to vfio-pci
 *   (none) ---------> WANTED BACK ---------> LET GO ---------------------> (none), the request is cancelled
 * </pre>
 */
final class Ejections {

    private final Function<PciAddress, Boolean> isOnVfio;
    private final Map<PciAddress, Ejection> wanted = new ConcurrentHashMap<>();

    private record Ejection(HostFunction function, FunctionNotices notices, boolean letGo) {}

    /** @param isOnVfio whether vfio-pci has the function at an address now */
    Ejections(Function<PciAddress, Boolean> isOnVfio) {
        this.isOnVfio = isOnVfio;
    }

    /** The kernel wants a function back. */
    void asked(HostFunction function, FunctionNotices notices) {
        wanted.put(function.address(), new Ejection(function, notices, false));
    }

    /** The kernel says that a function has lost its driver. A card that is taken out loses it as well. */
    void unbound(PciAddress address) {
        wanted.computeIfPresent(
                address, (same, ejection) -> new Ejection(ejection.function(), ejection.notices(), true));
    }

    /** The kernel says that a function has a driver. Those of before it was let go do not count. */
    void bound(PciAddress address) {
        Ejection ejection = wanted.get(address);
        if (ejection != null && ejection.letGo() && isOnVfio.apply(address) && wanted.remove(address, ejection)) {
            ejection.notices().ejectCancelled();
        }
    }

    /** A function is there no more. */
    void gone(PciAddress address) {
        wanted.remove(address);
    }
}
