package org.busbar.driver.support;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.jspecify.annotations.Nullable;

/** Notices that a device does not answer, asks for a reset or breaks the rules, and tells the core. Thread-safe. */
public final class Health {

    private final DeviceContext context;
    private final Vitals vitals;
    private final AtomicBoolean failed = new AtomicBoolean();

    /** What a device can be asked. */
    public interface Vitals {

        /** Returns why it looks gone; null if it does not. */
        @Nullable
        String absence();

        /** Returns what it has met that only a reset helps against; null if there is nothing. */
        default @Nullable String distress() {
            return null;
        }
    }

    /** @param vitals read from registers, on any thread */
    public Health(DeviceContext context, Vitals vitals) {
        this.context = context;
        this.vitals = vitals;
    }

    /**
     * Looks at the device. To be called when nothing has happened for a while, or when it says that something has changed.
     *
     * @return whether it is there and well
     */
    public boolean check() {
        try {
            String absence = vitals.absence();
            if (absence != null) {
                context.suspectGone(absence);
                return false;
            }
            String distress = vitals.distress();
            if (distress != null) {
                fail(distress);
            }
            return distress == null;
        } catch (DeviceGoneException e) {
            // Revoked meanwhile: the core knows already, and the gate is shut.
            return false;
        }
    }

    /** Has the binding end and be made anew, which resets the device. Reported once. */
    public void fail(String why) {
        if (failed.compareAndSet(false, true)) {
            context.fail(new IOException(why + "; the device is reset and probed again"));
        }
    }
}
