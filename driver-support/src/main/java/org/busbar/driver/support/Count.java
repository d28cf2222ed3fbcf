package org.busbar.driver.support;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** How often something has happened. One thread counts; any thread reads, see {@link Traffic}. */
public final class Count {

    private static final VarHandle TIMES;

    static {
        try {
            TIMES = MethodHandles.lookup().findVarHandle(Count.class, "times", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long times;

    /** It has happened once more. */
    public void once() {
        TIMES.setOpaque(this, times + 1);
    }

    /** Returns how often. */
    public long times() {
        return (long) TIMES.getOpaque(this);
    }
}
