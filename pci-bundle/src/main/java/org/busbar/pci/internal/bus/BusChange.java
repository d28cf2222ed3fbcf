package org.busbar.pci.internal.bus;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.busbar.pci.PciAddress;

/**
 * What one look at a host has changed on the bus.
 *
 * @param added addresses that have a function now and had none
 * @param removed addresses that have none now
 * @param replaced addresses that have another function now
 * @param gone the functions that are not there any more
 * @param come the functions that are new
 * @param removals completes when nothing is left of those that are gone
 */
record BusChange(List<PciAddress> added, List<PciAddress> removed, List<PciAddress> replaced, List<PciFunction> gone,
        List<PciFunction> come, CompletableFuture<Void> removals) {

    static final BusChange NONE = new BusChange(List.of(), List.of(), List.of(), List.of(), List.of(),
            CompletableFuture.completedFuture(null));

    boolean isEmpty() {
        return gone.isEmpty() && come.isEmpty();
    }

    BusChange withRemovals(CompletableFuture<Void> future) {
        return new BusChange(added, removed, replaced, gone, come, future);
    }

    @Override
    public String toString() {
        return added.size() + " added, " + removed.size() + " removed, " + replaced.size() + " replaced";
    }
}
