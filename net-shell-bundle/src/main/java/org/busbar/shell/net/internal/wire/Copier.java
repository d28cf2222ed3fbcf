package org.busbar.shell.net.internal.wire;

import java.lang.foreign.MemorySegment;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortFeature;
import org.jspecify.annotations.Nullable;

/** Sends copies of frames: in one packet, or in several where the port can. For one thread. */
public final class Copier {

    private final Outbox out;
    private final boolean scattered;
    private final int mostBytes;

    public Copier(NetworkPort port, Outbox out) {
        this.out = out;
        scattered = port.features().contains(PortFeature.SCATTERED_TRANSMIT);
        mostBytes = longestFrame(port);
    }

    /** Returns how long a frame may be: with room for a tag, without frame check sequence. */
    public static int longestFrame(NetworkPort port) {
        return port.mtu() + Wire.ETHERNET + 4;
    }

    /** What became of a frame. */
    public enum Sent {
        /** It is on its way. */
        YES,
        /** It is longer than the port, or a packet, can have it. */
        TOO_LONG,
        /** There was no packet, or no room. */
        DROPPED
    }

    /**
     * Sends a frame, with the next flush of the outbox or before.
     *
     * @param length how many bytes of {@code from} it has
     */
    public Sent send(MemorySegment from, int length) {
        if (length > mostBytes) {
            return Sent.TOO_LONG;
        }
        Packet first = out.allocate();
        if (first == null) {
            return Sent.DROPPED;
        }
        int done = fill(first, from, 0, length);
        Packet last = first;
        while (done < length) {
            if (!scattered) {
                first.release();
                return Sent.TOO_LONG;
            }
            @Nullable
            Packet more = out.allocate();
            if (more == null) {
                first.release();
                return Sent.DROPPED;
            }
            last.next(more);
            done = fill(more, from, done, length);
            last = more;
        }
        out.add(first);
        return Sent.YES;
    }

    /** Fills a packet with what follows {@code done} bytes of a frame, as much as it holds; returns how many that makes. */
    public static int fill(Packet packet, MemorySegment from, int done, int length) {
        int bytes = (int) Math.min(length - done, packet.data().byteSize());
        MemorySegment.copy(from, done, packet.data(), 0, bytes);
        packet.length(bytes);
        return done + bytes;
    }
}
