package org.busbar.core.internal.engine;

/** What has come of the attempts to have a driver probe a device. Times are those of the scheduler's monotonic clock. */
sealed interface PairState {

    /** Returns how many probes have failed in a row. */
    default int failures() {
        return 0;
    }

    /** Nothing is known against it. */
    record Fresh() implements PairState {}

    /** The driver does not drive this device. */
    record Declined(String why) implements PairState {}

    /** The probe waits for something, in words that complete "waits for". */
    record Deferred(String waitsFor, long retryAt) implements PairState {}

    /** The probe has failed and is due again. */
    record BackingOff(int failures, String why, long retryAt) implements PairState {}

    /** Not tried again until something changes. */
    record Quarantined(int failures, String why) implements PairState {}
}
