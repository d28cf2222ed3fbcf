package org.busbar.pci.internal.linux;

import java.util.concurrent.CompletableFuture;
import org.busbar.device.Deadline;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.InterruptPort;

/** A handle that can only be closed. */
final class NoHandle implements FunctionOpener.Handle {

    final CompletableFuture<Void> released = new CompletableFuture<>();
    volatile boolean gone;
    volatile boolean closesLate;

    @Override
    public ConfigSpace config() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Bar bar(int index) {
        throw new UnsupportedOperationException();
    }

    @Override
    public DmaSpace dma() {
        throw new UnsupportedOperationException();
    }

    @Override
    public InterruptPort interrupts() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void reset(Deadline deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void revoke() {}

    @Override
    public void stopDma() {}

    @Override
    public void closeBars() {}

    @Override
    public void close() {
        if (!closesLate) {
            released.complete(null);
        }
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public CompletableFuture<Void> released() {
        return released;
    }
}
