package org.busbar.core.internal.engine;

import java.time.Duration;
import org.busbar.core.internal.policy.Supervision;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.ProbeException;

/** Counts failures of pairs, backs off, and quarantines. Belongs to the worker. */
final class Failures {

    private final BusState bus;

    Failures(BusState bus) {
        this.bus = bus;
    }

    /**
     * A pair has failed.
     *
     * @param failures how often in a row
     * @return what follows, in words
     */
    String failed(DeviceRecord device, Pair pair, int failures, String why) {
        if (pair.state() instanceof PairState.Quarantined) {
            return "quarantined";
        }
        log(pair, why);
        if (failures >= bus.policy.maxAttempts()) {
            quarantine(device, pair, failures, why);
            return "failed " + failures + " times in a row, quarantined";
        }
        Supervision rules = bus.policy.supervision();
        int recent = pair.failureLog().recent(bus.now(), rules.window());
        if (recent >= rules.maxFailures()) {
            String often = "failed " + recent + " times within " + words(rules.window().toNanos());
            quarantine(device, pair, recent, why + "; it has " + often);
            return often + ", quarantined";
        }
        Duration delay = bus.policy.delayAfter(failures);
        pair.state(new PairState.BackingOff(failures, why, bus.now() + delay.toNanos()));
        return "attempt " + failures + " of " + bus.policy.maxAttempts() + ", next in " + words(delay.toNanos());
    }

    /** A pair has missed a deadline of the core's: it is not tried again. */
    void stuck(DeviceRecord device, Pair pair, String why) {
        log(pair, why);
        quarantine(device, pair, pair.state().failures() + 1, why);
    }

    private void log(Pair pair, String why) {
        pair.failureLog().add(new FailureLog.Failure(bus.now(), bus.env.scheduler().now(), why));
    }

    /** Quarantines a pair. */
    private void quarantine(DeviceRecord device, Pair pair, int failures, String why) {
        if (!(pair.state() instanceof PairState.Quarantined)) {
            pair.state(new PairState.Quarantined(failures, why));
            bus.event(
                    Kind.QUARANTINED,
                    device.id(),
                    pair.name(),
                    "not tried again until the device, the driver or the policy changes, or an operator attaches it: "
                            + why);
        }
    }

    /** Returns what a failure says of itself. */
    static String message(Throwable failure) {
        String message = failure.getMessage();
        if (failure instanceof ProbeException && message != null && !message.isBlank()) {
            return message;
        }
        return failure.getClass().getSimpleName() + (message == null || message.isBlank() ? "" : ": " + message);
    }

    /** Returns a duration in words, rounded up. */
    static String words(long nanos) {
        long millis = Math.max(0, (nanos + 999_999) / 1_000_000);
        return millis < 1000 ? millis + " ms" : (millis + 999) / 1000 + " s";
    }
}
