package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;
import org.busbar.pci.host.DmaSpace;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.vfio.EventLoop;
import org.busbar.pci.internal.vfio.RegisterAccess;
import org.busbar.pci.internal.vfio.Revocation;
import org.busbar.pci.internal.vfio.VfioInterrupts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A device of another process that is open. */
final class UserFunctionHandle implements FunctionHandle {

    private static final Logger LOG = LoggerFactory.getLogger(UserFunctionHandle.class);
    private static final long CLOSE_MILLIS = 5_000;
    /** PCI Local Bus 3.0, section 6.2.2. */
    private static final int COMMAND = 0x04;

    private static final int MEMORY_SPACE = 2;
    private static final int BUS_MASTER = 4;

    private final UserFunction function;
    private final UserDevice device;
    private final UserDmaSpace memory;
    private final FunctionNotices notices;
    private final RegisterAccess registers;
    /** Works after revocation too, to turn bus mastering off. */
    private final ConfigSpace ownConfig;

    private final EventLoop loop;
    private final VfioInterrupts interrupts;
    private final AtomicBoolean started = new AtomicBoolean();
    private final AtomicBoolean dmaStopped = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();

    UserFunctionHandle(UserFunction function, UserDevice device, UserDmaSpace memory, FunctionNotices notices)
            throws IOException {
        this.function = function;
        this.device = device;
        this.memory = memory;
        this.notices = notices;
        registers = new RegisterAccess(device, device::config);
        ownConfig = device.config(new Revocation(function.toString()));
        loop = EventLoop.start(function.toString());
        interrupts = new VfioInterrupts(device, loop);
    }

    /** Begins to use the device, which is this handle's from now on. */
    void start() {
        started.set(true);
        memory.open(device);
        ownConfig.write16(COMMAND, ownConfig.read16(COMMAND) | MEMORY_SPACE | BUS_MASTER);
    }

    /** The connection has ended. */
    void gone() {
        if (!closed.get()) {
            notices.maybeGone();
        }
    }

    @Override
    public ConfigSpace config() {
        return registers.config();
    }

    @Override
    public Bar bar(int index) throws IOException {
        return registers.bar(index);
    }

    @Override
    public DmaSpace dma() {
        return memory;
    }

    @Override
    public InterruptPort interrupts() {
        return interrupts;
    }

    @Override
    public void reset(Deadline deadline) throws IOException, DeviceTimeoutException {
        registers.check();
        if (!device.canReset()) {
            throw new IOException(function + " cannot be reset: its server does not offer it");
        }
        if (deadline.expired()) {
            throw new DeviceTimeoutException("no time is left to reset " + function);
        }
        try {
            device.reset(deadline);
        } catch (ErrnoException e) {
            throw e;
        } catch (IOException e) {
            if (deadline.expired()) {
                throw new DeviceTimeoutException(String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    @Override
    public void revoke() {
        registers.revoke();
    }

    @Override
    public boolean renew() {
        return !closed.get() && registers.renew();
    }

    @Override
    public void stopDma() {
        if (started.get() && dmaStopped.compareAndSet(false, true)) {
            try {
                ownConfig.write16(COMMAND, ownConfig.read16(COMMAND) & ~BUS_MASTER);
            } catch (DeviceGoneException e) {
                LOG.debug("{}: bus mastering could not be turned off", function, e);
            }
        }
    }

    @Override
    public void closeBars() {
        revoke();
    }

    /** Puts the device back into the state in which it was found: the connection stays, as what tells that it is there. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        interrupts.disable();
        stopDma();
        closeBars();
        if (started.get()) {
            memory.close();
            resetAfterUse();
        }
        loop.close();
        if (!loop.join(Deadline.afterMillis(CLOSE_MILLIS))) {
            LOG.error("{}: the thread that handles interrupts does not end:{}", function, loop.stack());
        }
        function.closed(this);
    }

    private void resetAfterUse() {
        if (device.canReset()) {
            try {
                device.reset(Deadline.afterMillis(CLOSE_MILLIS));
            } catch (IOException e) {
                LOG.debug("{} could not be reset after its use", function, e);
            }
        }
    }
}
