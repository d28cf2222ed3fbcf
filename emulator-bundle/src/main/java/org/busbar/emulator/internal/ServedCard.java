package org.busbar.emulator.internal;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.busbar.emulator.internal.model.DoorbellWindow;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.serve.ServedFunction;
import org.jspecify.annotations.Nullable;

/** A card that other processes drive, once it is {@link #ready}. */
final class ServedCard implements ServedFunction {

    private final EmulatedFunction card;
    private volatile boolean ready;

    ServedCard(EmulatedFunction card) {
        this.card = card;
    }

    /** The card has been taken from its driver: from now on clients may have it. */
    void ready() {
        ready = true;
    }

    @Override
    public HostFunction function() {
        return card;
    }

    @Override
    public Optional<Doorbells> doorbells() {
        DoorbellWindow window = card.model().doorbellWindow();
        return window == null
                ? Optional.empty()
                : Optional.of(new Doorbells(window.bar(), window.offset(), window.size()));
    }

    @Override
    public FunctionHandle open(FunctionNotices notices, @Nullable MemorySegment memory) throws OpenException {
        if (!ready) {
            throw new OpenException(OpenException.Reason.BUSY, card.address() + " is not given up by its driver yet");
        }
        return card.openServed(notices, memory);
    }
}
