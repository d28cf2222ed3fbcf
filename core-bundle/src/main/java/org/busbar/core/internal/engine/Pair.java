package org.busbar.core.internal.engine;

import org.busbar.core.internal.match.Candidate;
import org.busbar.core.internal.match.DriverEntry;
import org.jspecify.annotations.Nullable;

/** A device and a driver that matches it. Belongs to the worker. */
final class Pair {

    private final Candidate candidate;
    private PairState state = new PairState.Fresh();
    private final FailureLog failureLog = new FailureLog();
    private @Nullable Deferral deferral;

    Pair(Candidate candidate) {
        this.candidate = candidate;
    }

    Candidate candidate() {
        return candidate;
    }

    DriverEntry driver() {
        return candidate.driver();
    }

    String name() {
        return candidate.driver().name();
    }

    PairState state() {
        return state;
    }

    void state(PairState next) {
        state = next;
    }

    FailureLog failureLog() {
        return failureLog;
    }

    /** Nothing is held against it any more. */
    void forgive() {
        state = new PairState.Fresh();
        failureLog.forgive();
    }

    @Nullable
    Deferral deferral() {
        return deferral;
    }

    void deferral(@Nullable Deferral watch) {
        deferral = watch;
    }

    /** Returns whether it may be probed now. */
    boolean isDue(long now) {
        return switch (state) {
            case PairState.Fresh fresh -> true;
            case PairState.Deferred deferred -> deferred.retryAt() - now <= 0;
            case PairState.BackingOff backingOff -> backingOff.retryAt() - now <= 0;
            case PairState.Declined declined -> false;
            case PairState.Quarantined quarantined -> false;
        };
    }

    @Override
    public String toString() {
        return candidate.driver() + " " + state;
    }
}
