package org.busbar.core.internal.scope;

/** Marks threads that run code of a driver, so that a wait for that very driver can be told to be hopeless. */
public final class DriverCode {

    private static final ScopedValue<Long> DRIVER = ScopedValue.newInstance();

    private DriverCode() {}

    /** Runs code of the driver with this service id. */
    public static void run(long serviceId, Runnable code) {
        ScopedValue.where(DRIVER, serviceId).run(code);
    }

    /** Returns whether the calling thread runs code of the driver with this service id. */
    public static boolean isRunning(long serviceId) {
        return DRIVER.isBound() && DRIVER.get() == serviceId;
    }

    /** Returns whether the calling thread runs code of any driver. */
    public static boolean isRunning() {
        return DRIVER.isBound();
    }
}
