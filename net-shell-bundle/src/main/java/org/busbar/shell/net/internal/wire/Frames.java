package org.busbar.shell.net.internal.wire;

import java.lang.foreign.MemorySegment;
import org.busbar.net.Packet;
import org.jspecify.annotations.Nullable;

/** Frames in one buffer or several. */
public final class Frames {

    private Frames() {}

    /** Returns the bytes of a whole frame, over all its buffers. */
    public static int length(Packet frame) {
        int bytes = 0;
        for (@Nullable
        Packet part = frame; part != null; part = part.next()) {
            bytes += part.length();
        }
        return bytes;
    }

    /**
     * Copies a frame, over all its buffers, as much of it as there is room for.
     *
     * @return how many bytes
     */
    public static int gather(Packet frame, MemorySegment into) {
        long at = 0;
        for (@Nullable
        Packet part = frame; part != null && at < into.byteSize(); part = part.next()) {
            long bytes = Math.min(part.length(), into.byteSize() - at);
            MemorySegment.copy(part.data(), 0, into, at, bytes);
            at += bytes;
        }
        return (int) at;
    }
}
