package org.busbar.pci.host;

import java.io.IOException;
import org.busbar.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A source of PCI functions: the machine's own bus, devices of other processes, or software devices. An OSGi service;
 * the PCI bus uses all that are there, side by side. Thread-safe.
 *
 * <p>A host only reports and opens. What is compared, bound and removed is decided above it.
 */
@ConsumerType
public interface PciHost {

    /** Returns a short name: {@code linux}, {@code emulated}, {@code vfio-user}. */
    String name();

    /**
     * Reports the functions that are present now. Functions that are still the same are the same objects as in the
     * previous snapshot, and if nothing at all has changed the previous snapshot itself is returned. One function that
     * cannot be read becomes a {@link ScanProblem} and takes nothing else away; if it was known before and is still
     * there, it stays in.
     *
     * @param previous what the last call returned, or null
     * @throws IOException if the host cannot be read at all; nothing is concluded from that
     */
    HostSnapshot scan(@Nullable HostSnapshot previous) throws IOException;

    /**
     * Reports what is at one address now, and everything else as it was: a {@link #scan} that looks at this address
     * only, for when a hint or an operator has named it. What holds for a scan holds for this. A host whose scan is quick
     * in any case, or that cannot look at one address alone, scans.
     *
     * @param previous what the last call of this or of {@link #scan} returned
     * @param address an address of which this host may know nothing
     * @throws IOException if the host cannot be read at all; nothing is concluded from that
     */
    default HostSnapshot look(HostSnapshot previous, PciAddress address) throws IOException {
        return scan(previous);
    }

    /**
     * Starts to watch for changes, by events or by polling, until the returned handle is closed. At most one watch is
     * open at a time.
     *
     * @throws IOException if changes cannot be noticed at all
     */
    HostWatch watch(HostListener listener) throws IOException;

    /**
     * Opens a function for exclusive use, taking it from whoever the rules of this host allow. Memory decoding and bus
     * mastering are on afterwards.
     *
     * @param notices told of what happens to the function while it is open
     * @throws OpenException if it cannot be opened; the message says what to do about it
     */
    FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException;
}
