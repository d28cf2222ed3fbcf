package org.busbar.driver.virtionet;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What has passed a virtqueue. One thread adds; any thread reads, with opaque accesses, because each count is whole and
 * nothing else is concluded from it.
 */
final class Traffic {

    private static final VarHandle FRAMES;
    private static final VarHandle BYTES;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FRAMES = lookup.findVarHandle(Traffic.class, "frames", long.class);
            BYTES = lookup.findVarHandle(Traffic.class, "bytes", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long frames;
    private long bytes;

    void add(long moreFrames, long moreBytes) {
        FRAMES.setOpaque(this, frames + moreFrames);
        BYTES.setOpaque(this, bytes + moreBytes);
    }

    long frames() {
        return (long) FRAMES.getOpaque(this);
    }

    long bytes() {
        return (long) BYTES.getOpaque(this);
    }
}
