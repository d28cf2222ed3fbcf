package org.busbar.driver.virtionet;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.driver.support.Gate;

/** A device that is up, and how it is brought to rest. */
final class VirtioController implements DriverBinding {

    /** How long a reset may take: the device may be a process on a busy machine. */
    static final long RESET_MILLIS = 5_000;

    private final DeviceContext context;
    private final CommonConfig common;
    private final Gate gate;
    private final VirtioPort port;

    VirtioController(DeviceContext context, CommonConfig common, Gate gate, VirtioPort port) {
        this.context = context;
        this.common = common;
        this.gate = gate;
        this.port = port;
        context.onRevoked(this::shut);
    }

    @Override
    public void quiesce(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        gate.drain();
        if (port.link().up()) {
            context.await("frames to be sent", port::settled, deadline);
        }
    }

    @Override
    public void close(RemovalReason reason) throws DeviceTimeoutException, InterruptedException {
        shut();
        if (!reason.isSurprise() && !context.isRevoked()) {
            reset(context, common, Deadline.afterMillis(RESET_MILLIS));
        }
    }

    /** Resets the device and waits until it has (2.4, 4.1.4.3.2): it does not touch memory any more. */
    static void reset(DeviceContext context, CommonConfig common, Deadline deadline)
            throws DeviceTimeoutException, InterruptedException {
        common.reset();
        context.await("the device to reset (device_status = 0)", () -> common.status() == 0, deadline);
    }

    /** Fails what is in flight and wakes those who wait. */
    private void shut() {
        gate.shut();
        port.wake();
    }
}
