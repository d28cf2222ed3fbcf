package org.busbar.driver.virtionet;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;

/** Notices that the device does not answer, asks for a reset or breaks the rules, and tells the core. Thread-safe. */
final class Health {

    private final DeviceContext context;
    private final CommonConfig common;
    private final AtomicBoolean failed = new AtomicBoolean();

    Health(DeviceContext context, CommonConfig common) {
        this.context = context;
        this.common = common;
    }

    /** Looks at the device. To be called when nothing has happened for a while, or when it says that something has changed. */
    void check() {
        try {
            if (common.looksGone()) {
                context.suspectGone("device_status reads as all ones or zeros");
            } else if ((common.status() & CommonConfig.DEVICE_NEEDS_RESET) != 0) {
                fail("the device has met an error and asks for a reset (DEVICE_NEEDS_RESET)");
            }
        } catch (DeviceGoneException e) {
            // Revoked meanwhile: the core knows already, and the gate is shut.
            return;
        }
    }

    /** Has the binding end and be made anew, which resets the device. Reported once. */
    void fail(String why) {
        if (failed.compareAndSet(false, true)) {
            context.fail(new IOException(why + "; the device is reset and probed again"));
        }
    }
}
