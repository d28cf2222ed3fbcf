package org.busbar.driver.nic;

import org.busbar.device.Deadline;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.driver.support.Gate;

/** A controller that is up, and how it is brought to rest. */
final class NicController implements DriverBinding {

    private final DeviceContext context;
    private final Registers registers;
    private final Family family;
    private final Gate gate;
    private final NicPort port;

    NicController(DeviceContext context, Registers registers, Family family, Gate gate, NicPort port) {
        this.context = context;
        this.registers = registers;
        this.family = family;
        this.gate = gate;
        this.port = port;
        context.onRevoked(this::shut);
    }

    @Override
    public void quiesce(Deadline deadline) throws DeviceTimeoutException, InterruptedException {
        gate.drain();
        if (port.link().up()) {
            context.await("frames to be sent", registers.transmit()::idle, deadline);
        }
    }

    @Override
    public void close(RemovalReason reason) throws DeviceTimeoutException, InterruptedException {
        shut();
        if (!reason.isSurprise() && !context.isRevoked()) {
            registers.interrupts().maskAll();
            registers.stop();
            Reset.run(context, registers, family, Deadline.afterMillis(Reset.MILLIS));
        }
    }

    /** Fails what is in flight and wakes those who wait. */
    private void shut() {
        gate.shut();
        port.wake();
    }
}
