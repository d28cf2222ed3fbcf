package org.busbar.core.internal.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.busbar.core.internal.match.Candidate;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.work.Scheduler;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceState;
import org.jspecify.annotations.Nullable;

/** A device, and what the engine knows of it. Belongs to the worker. */
final class DeviceRecord {

    private static final Comparator<Pair> BEST_FIRST = Comparator.comparing(Pair::candidate);

    final Presence presence;
    /** Best first. */
    final List<Pair> pairs = new ArrayList<>(1);
    /** Run once nobody has the device. */
    final List<Runnable> whenFree = new ArrayList<>(0);

    Choice choice = new Choice.Free();
    /** Why its host wants it back. */
    Optional<String> ejecting = Optional.empty();

    boolean dirty;
    /** Whether it is gone and nothing is left of it. */
    boolean vanished;
    long probes;
    DeviceState state = DeviceState.UNBOUND;
    String reason = "just arrived";
    Instant since;

    @Nullable
    Tenure tenure;
    /** What the bus keeps of it; nothing while a driver has it. */
    @Nullable
    Keeping keeping;
    @Nullable
    Grace grace;
    @Nullable
    BindRequest bindRequest;
    Scheduler.@Nullable Timer timer;
    /** Whether its host has been asked; what it said is {@link #unavailable}. */
    boolean asked;
    Optional<String> unavailable = Optional.empty();

    DeviceRecord(Presence presence, Instant now) {
        this.presence = presence;
        this.since = now;
    }

    DeviceId id() {
        return presence.id();
    }

    String address() {
        return presence.id().address();
    }

    void addPair(Candidate candidate) {
        Pair pair = new Pair(candidate);
        int index = Collections.binarySearch(pairs, pair, BEST_FIRST);
        pairs.add(index < 0 ? -index - 1 : index, pair);
    }

    @Nullable
    Pair removePair(DriverEntry driver) {
        for (int i = 0; i < pairs.size(); i++) {
            if (pairs.get(i).driver().equals(driver)) {
                return pairs.remove(i);
            }
        }
        return null;
    }

    /** A driver's successor goes before others no longer, if this is one of the two. */
    void endReplacement(Pair either) {
        if (choice instanceof Choice.Replaced replaced && (either == replaced.by() || either == replaced.from())) {
            choice = replaced.before();
        }
    }

    void cancelTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    Holder holder() {
        if (tenure != null) {
            return tenure.holder();
        }
        return keeping == null ? new Holder.Nobody() : keeping.holder();
    }

    /** Whether nobody has it: no driver, and not the bus for a driver. */
    boolean isFree() {
        return tenure == null && keeping == null;
    }

    @Override
    public String toString() {
        return id() + " " + state;
    }
}
