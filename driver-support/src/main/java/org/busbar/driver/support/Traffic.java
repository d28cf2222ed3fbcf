package org.busbar.driver.support;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What has passed in one direction. One thread adds; any thread reads, with opaque accesses, because a count is whole and
 * becomes visible in time and nothing else is concluded from it.
 */
public final class Traffic {

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

    /** Counts frames and their bytes. */
    public void add(long moreFrames, long moreBytes) {
        FRAMES.setOpaque(this, frames + moreFrames);
        BYTES.setOpaque(this, bytes + moreBytes);
    }

    /** Returns how many frames have passed. */
    public long frames() {
        return (long) FRAMES.getOpaque(this);
    }

    /** Returns how many bytes they had. */
    public long bytes() {
        return (long) BYTES.getOpaque(this);
    }
}
