package org.busbar.shell.net.internal.echo;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Fragments until they are datagrams: so many at a time at most, and each for so long. For one thread. */
final class Reassembly {

    private static final int MOST = 16;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final List<Datagram> datagrams = new ArrayList<>();
    private long givenUp;

    /**
     * Adds a fragment.
     *
     * @return the datagram, if it is whole with that; it is to be forgotten when it has been dealt with
     */
    @Nullable
    Datagram add(FragmentKey key, int offset, boolean more, MemorySegment frame, long from, int bytes, long nanos) {
        Datagram datagram = of(key, nanos);
        return switch (datagram.add(offset, more, frame, from, bytes)) {
            case PART -> null;
            case WHOLE -> datagram;
            case REFUSED -> {
                datagram.forget();
                givenUp++;
                yield null;
            }
        };
    }

    private Datagram of(FragmentKey key, long nanos) {
        for (Datagram datagram : datagrams) {
            if (datagram.isOf(key) && nanos - datagram.beganNanos() < PATIENCE_NANOS) {
                return datagram;
            }
        }
        Datagram place = free(nanos);
        place.begin(key, nanos);
        return place;
    }

    private Datagram free(long nanos) {
        for (Datagram datagram : datagrams) {
            if (datagram.isFree()) {
                return datagram;
            }
        }
        if (datagrams.size() < MOST) {
            Datagram another = new Datagram();
            datagrams.add(another);
            return another;
        }
        givenUp++; // whose time is up, or the oldest
        return datagrams.stream()
                .max(Comparator.comparingLong(datagram -> nanos - datagram.beganNanos()))
                .orElseThrow();
    }

    /** Returns how many datagrams have not become whole: time, room or nonsense. */
    long givenUp() {
        return givenUp;
    }
}
