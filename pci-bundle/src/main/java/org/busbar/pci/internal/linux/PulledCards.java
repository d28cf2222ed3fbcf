package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out of what is reported those cards that have been pulled while they were open: the kernel shows them until their
 * descriptor is closed. A notice alone is not believed; the card itself is looked at, through its open handle and after that
 * by its configuration space, so that one that is there after all is reported again. Thread-safe.
 */
final class PulledCards {

    private static final int VENDOR = 0x00;
    /** What reads from nowhere return. PCI Local Bus 3.0, section 6.1. */
    private static final int NOBODY = 0xffff;

    private final Function<LinuxFunction, Optional<FunctionOpener.Handle>> handles;
    private final Set<LinuxFunction> suspects = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private Set<LinuxFunction> pulled = Set.of();
    private @Nullable Told last;

    /**
     * What was reported last.
     *
     * @param seen what the kernel shows
     * @param told the same without pulled cards
     */
    private record Told(HostSnapshot seen, HostSnapshot told) {}

    /** A look at what the kernel shows; what is not known from before is null. */
    @FunctionalInterface
    interface Scan {
        HostSnapshot run(@Nullable HostSnapshot previous) throws IOException;
    }

    /** @param handles the handle of a function that is open */
    PulledCards(Function<LinuxFunction, Optional<FunctionOpener.Handle>> handles) {
        this.handles = handles;
    }

    /** Has the next look find out whether a function is still there. */
    void suspect(LinuxFunction function) {
        suspects.add(function);
    }

    boolean isSuspect(LinuxFunction function) {
        return suspects.contains(function);
    }

    /** To be called when a function is closed. */
    void forget(LinuxFunction function) {
        suspects.remove(function);
    }

    /** Looks, and leaves out. */
    HostSnapshot scan(@Nullable HostSnapshot previous, Scan scan) throws IOException {
        lock.lock();
        try {
            Told before = last;
            HostSnapshot seen = scan.run(before != null && before.told == previous ? before.seen : previous);
            lookAt(seen);
            HostSnapshot told = pulled.isEmpty() ? seen : without(seen);
            if (previous != null && told != seen && isSame(told, previous)) {
                told = previous;
            }
            last = new Told(seen, told);
            return told;
        } finally {
            lock.unlock();
        }
    }

    private void lookAt(HostSnapshot seen) {
        if (suspects.isEmpty() && pulled.isEmpty()) {
            return;
        }
        Set<LinuxFunction> now = ConcurrentHashMap.newKeySet();
        for (HostFunction shown : seen.functions()) {
            if (shown instanceof LinuxFunction function && (pulled.contains(function) || suspects.contains(function))
                    && isPulled(function)) {
                now.add(function);
            }
        }
        pulled = Set.copyOf(now);
    }

    private boolean isPulled(LinuxFunction function) {
        Optional<FunctionOpener.Handle> handle = handles.apply(function);
        if (handle.isPresent()) {
            suspects.remove(function);
            return handle.get().isGone();
        }
        return pulled.contains(function) && !answers(function);
    }

    private static boolean answers(LinuxFunction function) {
        try {
            return function.config().read16(VENDOR) != NOBODY;
        } catch (IOException | DeviceGoneException | IndexOutOfBoundsException e) {
            return false;
        }
    }

    private static boolean isSame(HostSnapshot one, HostSnapshot other) {
        return one.functions().equals(other.functions()) && one.problems().equals(other.problems());
    }

    private HostSnapshot without(HostSnapshot seen) {
        return new HostSnapshot(
                seen.functions().stream().filter(function -> !pulled.contains(function)).toList(), seen.problems());
    }
}
