package org.busbar.emulator.internal;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.Nullable;

/** The cards of a rack as a source of PCI functions. */
final class EmulatedHost implements PciHost {

    private final AtomicReference<HostSnapshot> current = new AtomicReference<>(new HostSnapshot(List.of(), List.of()));
    private final AtomicReference<@Nullable Watch> watch = new AtomicReference<>();

    @Override
    public String name() {
        return "emulated";
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) {
        HostSnapshot now = current.get();
        // A card that came and went again between two scans has changed nothing.
        return previous != null && previous.functions().equals(now.functions()) ? previous : now;
    }

    @Override
    public HostWatch watch(HostListener listener) throws IOException {
        AtomicReference<@Nullable Watch> self = new AtomicReference<>();
        Watch started = new Watch(listener, () -> watch.compareAndSet(self.get(), null));
        self.set(started);
        if (!watch.compareAndSet(null, started)) {
            throw new IOException("the rack is being watched already; close that watch first");
        }
        return started;
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        if (!(function instanceof EmulatedFunction card)) {
            throw new OpenException(OpenException.Reason.FAILED, function.address() + " is not a card of this rack");
        }
        return card.open(notices);
    }

    /** Takes over what is in the slots now, in ascending order. Called by one thread at a time. */
    void present(List<HostFunction> functions) {
        current.set(new HostSnapshot(List.copyOf(functions), List.of()));
    }

    /** Tells the listener. Not called under a lock. */
    void announce() {
        Watch open = watch.get();
        if (open != null) {
            open.changed();
        }
    }
}
