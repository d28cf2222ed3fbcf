package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.InterruptPort;

/** A function that is open and, for that, claimed: closing it ends the claim if its rule has gone meanwhile. */
final class ClaimedHandle implements FunctionHandle {

    /** How long closing waits for the kernel driver to have the function again; after that it goes on in the background. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final FunctionOpener.Handle handle;
    private final Supplier<CompletableFuture<Void>> release;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param release called when the kernel has let go of the function; completes when the claim has been looked at */
    ClaimedHandle(FunctionOpener.Handle handle, Supplier<CompletableFuture<Void>> release) {
        this.handle = handle;
        this.release = release;
    }

    @Override
    public ConfigSpace config() {
        return handle.config();
    }

    @Override
    public Bar bar(int index) throws IOException {
        return handle.bar(index);
    }

    @Override
    public DmaSpace dma() {
        return handle.dma();
    }

    @Override
    public InterruptPort interrupts() {
        return handle.interrupts();
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException {
        handle.reset(deadline);
    }

    @Override
    public void revoke() {
        handle.revoke();
    }

    @Override
    public boolean renew() {
        return handle.renew();
    }

    @Override
    public void stopDma() {
        handle.stopDma();
    }

    @Override
    public void closeBars() {
        handle.closeBars();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            try {
                handle.close();
            } finally {
                CompletableFuture<Void> released = handle.released();
                CompletableFuture<Void> givenBack = released.thenCompose(done -> release.get());
                if (released.isDone()) {
                    Joiner.await(givenBack, PATIENCE);
                }
            }
        }
    }
}
