package org.busbar.emulator.internal.function;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.pci.Bar;
import org.busbar.pci.BarInfo;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.InterruptPort;

/** A card that is open. */
final class EmulatedHandle implements FunctionHandle {

    private static final long PATIENCE_MILLIS = 2_000;

    private final EmulatedFunction function;
    private final FunctionNotices notices;
    private final EmulatedInterrupts interrupts;
    private final Gate gate = new Gate();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Access access = new Access();

    /** Whether those who got at registers through it still may. */
    static final class Access {
        private volatile boolean revoked;
        private final AtomicBoolean strayed = new AtomicBoolean();
    }

    EmulatedHandle(EmulatedFunction function, FunctionNotices notices, EmulatedInterrupts interrupts) {
        this.function = function;
        this.notices = notices;
        this.interrupts = interrupts;
    }

    @Override
    public ConfigSpace config() {
        Access mine = access;
        return new EmulatedConfigSpace(function.registers(), new EmulatedConfigSpace.Access() {
            @Override
            public void checkRead() {
                checkGranted(mine);
                function.checkPresent();
            }

            @Override
            public void checkWrite() {}
        });
    }

    @Override
    public Bar bar(int index) throws IOException {
        Access mine = access;
        checkGranted(mine);
        for (BarInfo bar : function.bars()) {
            if (bar.index() == index) {
                return new EmulatedBar(this, mine, function, index, bar.size());
            }
        }
        throw new IOException(function.address() + " has no base address register " + index);
    }

    @Override
    public DmaSpace dma() {
        return function.iommu();
    }

    @Override
    public InterruptPort interrupts() {
        return interrupts;
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException {
        checkGranted(access);
        function.checkPresent();
        try {
            if (!function.model().resetFunction(deadline)) {
                function.checkPresent();
                throw new DeviceTimeoutException(function.address() + " has not come back from a function-level reset");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + function.address() + " was being reset", e);
        }
    }

    @Override
    public synchronized void revoke() {
        access.revoked = true;
    }

    @Override
    public synchronized boolean renew() {
        Access before = access;
        if (before.revoked || closed.get()) {
            return false;
        }
        before.revoked = true;
        access = new Access();
        return true;
    }

    @Override
    public void stopDma() {
        if (!closed.get()) {
            function.registers().command(0, ConfigImage.BUS_MASTER);
        }
    }

    @Override
    public void closeBars() {
        revoke();
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        revoke();
        gate.close(Deadline.afterMillis(PATIENCE_MILLIS));
        interrupts.close();
        function.release(this, Deadline.afterMillis(PATIENCE_MILLIS));
    }

    /** Throws unless the grant still holds. */
    void checkGranted(Access mine) {
        if (mine.revoked) {
            throw new DeviceGoneException(function.address() + " is no longer open to this driver");
        }
    }

    void ejectRequested() {
        gate.pass(notices::ejectRequested);
    }

    void ejectCancelled() {
        gate.pass(notices::ejectCancelled);
    }

    void maybeGone() {
        gate.pass(notices::maybeGone);
    }

    void strayed(String what) {
        if (access.strayed.compareAndSet(false, true)) {
            gate.pass(() -> notices.error(what));
        }
    }

    void pinMayBeAsserted() {
        interrupts.pinMayBeAsserted();
    }

    void deliver(int data) {
        interrupts.deliver(data);
    }
}
