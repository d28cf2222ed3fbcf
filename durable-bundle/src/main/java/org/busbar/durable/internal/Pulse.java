package org.busbar.durable.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What another thread sees of a thread's calls of a driver: whether one is under way, whether it is the same as before, and
 * whether the thread has looked for completions. Written by one thread at a time, without a fence: it may be seen a little
 * late.
 */
final class Pulse {

    private static final VarHandle CALLS;
    private static final VarHandle LOOKS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CALLS = lookup.findVarHandle(Pulse.class, "calls", long.class);
            LOOKS = lookup.findVarHandle(Pulse.class, "looks", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Odd while a call is under way. */
    private long calls;
    private long looks;
    private volatile @Nullable Thread thread;

    /** A call begins. */
    void enter() {
        Thread caller = Thread.currentThread();
        if (!caller.equals(thread)) {
            thread = caller;
        }
        CALLS.setOpaque(this, calls + 1);
    }

    /** The call has ended. */
    void leave() {
        CALLS.setOpaque(this, calls + 1);
    }

    /** All completions that there were have been taken. */
    void looked() {
        LOOKS.setOpaque(this, looks + 1);
    }

    /** Returns a number that is odd during a call, and another one for each. */
    long calls() {
        return (long) CALLS.getOpaque(this);
    }

    /** Returns how often completions have been looked for. */
    long looks() {
        return (long) LOOKS.getOpaque(this);
    }

    /** Returns where the thread is that makes the calls, in words: below the classes of the JDK. */
    String place() {
        Thread caller = thread;
        StackTraceElement[] stack = caller == null ? new StackTraceElement[0] : caller.getStackTrace();
        return Arrays.stream(stack)
                .map(StackTraceElement::toString)
                .filter(frame -> !frame.startsWith("java."))
                .findFirst()
                .orElse("an unknown place");
    }
}
