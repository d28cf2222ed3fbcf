package org.busbar.driver.nic;

import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;

/** Notices that the controller does not answer any more, and tells the core. Thread-safe. */
final class Health {

    private final DeviceContext context;
    private final Registers registers;

    Health(DeviceContext context, Registers registers) {
        this.context = context;
        this.registers = registers;
    }

    /** Looks at the controller. To be called when nothing has happened for a while. */
    void check() {
        try {
            if (registers.looksGone()) {
                context.suspectGone("the registers do not answer");
            }
        } catch (DeviceGoneException e) {
            // Revoked meanwhile: the core knows already, and the gate is shut.
            return;
        }
    }
}
