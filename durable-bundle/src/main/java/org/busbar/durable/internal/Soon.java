package org.busbar.durable.internal;

import java.util.concurrent.TimeUnit;
import org.busbar.device.Deadline;
import org.jspecify.annotations.Nullable;

/** Deadlines not far off, for waits that are to be looked after now and then. For one thread; makes few objects. */
final class Soon {

    /** No driver is waited for longer at a time; less than what drivers have to answer requests, see {@link PathSet}. */
    private static final long LONGEST_WAIT_MILLIS = 50;

    private @Nullable Deadline latest;

    /** Returns a deadline that is over soon, or the caller's if that is earlier. */
    Deadline orEarlier(Deadline callers) {
        Deadline known = latest;
        if (known == null || known.remaining(TimeUnit.MILLISECONDS) < LONGEST_WAIT_MILLIS / 2) {
            known = Deadline.afterMillis(LONGEST_WAIT_MILLIS);
            latest = known;
        }
        return known.orEarlier(callers);
    }
}
