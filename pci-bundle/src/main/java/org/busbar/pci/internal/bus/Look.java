package org.busbar.pci.internal.bus;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.Nullable;

/**
 * A look at a host that is asked for: at some addresses, or at everything. Until it begins others may add to it; its owner
 * sees to it that they do so one at a time, and not any more once it has begun.
 */
final class Look {

    /** Above this many addresses one look at everything costs less. */
    private static final int MOST_ADDRESSES = 32;

    private final CompletableFuture<ScanOutcome> answer = new CompletableFuture<>();
    private final Set<PciAddress> addresses = new LinkedHashSet<>();
    private boolean everything;

    private Look(boolean everything) {
        this.everything = everything;
    }

    static Look atEverything() {
        return new Look(true);
    }

    /** A look that something is to be added to. */
    static Look atNothing() {
        return new Look(false);
    }

    /** Completes when what the look has found has been recorded. */
    CompletableFuture<ScanOutcome> answer() {
        return answer;
    }

    /** Makes it look at an address, too. */
    void add(PciAddress address) {
        addresses.add(address);
        everything |= addresses.size() > MOST_ADDRESSES;
    }

    /** Makes it look at everything. */
    void widen() {
        everything = true;
    }

    /** Looks. */
    HostSnapshot at(PciHost host, @Nullable HostSnapshot before) throws IOException {
        if (everything || before == null) {
            return host.scan(before);
        }
        HostSnapshot now = before;
        for (PciAddress address : addresses) {
            now = host.look(now, address);
        }
        return now;
    }
}
