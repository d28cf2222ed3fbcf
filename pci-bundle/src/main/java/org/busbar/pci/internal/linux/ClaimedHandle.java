package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.InterruptPort;

/** A function that is open and, for that, claimed: closing it ends the claim if its rule has gone meanwhile. */
final class ClaimedHandle implements FunctionHandle {

    private final FunctionHandle handle;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    ClaimedHandle(FunctionHandle handle, Runnable release) {
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
                release.run();
            }
        }
    }
}
