package org.busbar.shell.net.internal.traffic;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.busbar.shell.net.internal.wire.Wire;
import org.jspecify.annotations.Nullable;

/** Looks at frames that arrive: whether they were generated, which they are, and whether they are whole. For one thread. */
final class Checker {

    private static final int MOST_STREAMS = 64;
    private static final int UDP = 17;
    private static final int UDP_HEADER = 8;

    private final List<Sequence> sequences = new CopyOnWriteArrayList<>(); // grows by one a run, and is looked at by others
    private volatile long generated;
    private volatile long bytes;
    private volatile long damaged;
    private volatile long others;

    /** Looks at a frame. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
    void look(MemorySegment frame, int length) {
        int payload = payload(frame, length);
        if (payload < 0) {
            others++;
            return;
        }
        int size = Wire.u16(frame, payload - 4L) - UDP_HEADER; // the length of UDP, which the IP header's room has
        if (!Stamp.isWhole(frame, payload, size)) {
            damaged++;
            return;
        }
        Sequence sequence = sequence(Stamp.stream(frame, payload));
        long number = Stamp.sequence(frame, payload);
        if (sequence == null || number < 0) {
            others++;
            return;
        }
        sequence.add(number);
        generated++;
        bytes += length;
    }

    /** Returns where the payload of a frame that was generated begins; -1 for all others. */
    private static int payload(MemorySegment frame, int length) {
        int ip = length >= Wire.ETHERNET && Wire.u16(frame, 12) == Wire.TYPE_VLAN ? Wire.ETHERNET + 4 : Wire.ETHERNET;
        int payload = ip + Template.IPV4 + UDP_HEADER;
        boolean generated = length >= payload + Stamp.BYTES
                && Wire.u16(frame, ip - 2L) == Wire.TYPE_IPV4
                && Wire.u8(frame, ip) == 0x45
                && Wire.u8(frame, ip + 9L) == UDP
                && Wire.u16(frame, ip + 22L) == Template.DISCARD;
        if (!generated) {
            return -1;
        }
        int size = Wire.u16(frame, ip + 24L) - UDP_HEADER;
        boolean fits = size >= Stamp.BYTES && payload + size <= length;
        return fits && Stamp.isMarked(frame, payload) ? payload : -1;
    }

    private @Nullable Sequence sequence(int stream) {
        for (int i = sequences.size() - 1; i >= 0; i--) {
            if (sequences.get(i).stream() == stream) {
                return sequences.get(i);
            }
        }
        if (sequences.size() == MOST_STREAMS) {
            return null;
        }
        Sequence another = new Sequence(stream);
        sequences.add(another);
        return another;
    }

    long generated() {
        return generated;
    }

    long bytes() {
        return bytes;
    }

    long damaged() {
        return damaged;
    }

    long others() {
        return others;
    }

    int streams() {
        return sequences.size();
    }

    /** Returns how many different frames came. */
    long unique() {
        return sum(Sequence::unique);
    }

    long lost() {
        return sum(Sequence::lost);
    }

    long duplicates() {
        return sum(Sequence::duplicates);
    }

    long reordered() {
        return sum(Sequence::reordered);
    }

    private long sum(ToLongFunction<Sequence> what) {
        return List.copyOf(sequences).stream().mapToLong(what).sum();
    }
}
