package org.busbar.durable.internal;

import org.busbar.device.DeviceGoneException;

/** Tells what a driver throws because it is broken from what it throws because it was asked something wrong, or its device is gone. */
final class DriverFault {

    private DriverFault() {}

    /** Whether a driver that throws this is broken. */
    static boolean is(Throwable thrown) {
        return switch (thrown) {
            case DeviceGoneException gone -> false;
            // By contract the answer to arguments that are wrong, or to what the device does not support.
            case IllegalArgumentException argument -> false;
            case UnsupportedOperationException unsupported -> false;
            case OutOfMemoryError everybodys -> false;
            case RuntimeException other -> true;
            case Error other -> true;
            default -> false;
        };
    }

    /** Returns what was thrown, and where, in words. What a driver throws is foreign code: it is asked as little as possible. */
    static String words(String call, Throwable thrown) {
        String message;
        try {
            message = thrown.getMessage();
        } catch (RuntimeException | Error worse) {
            message = null;
        }
        StackTraceElement[] stack = thrown.getStackTrace();
        return call + " has thrown " + thrown.getClass().getName()
                + (message == null || message.isBlank() ? "" : ": " + message)
                + (stack.length == 0 ? "" : ", at " + stack[0]);
    }
}
