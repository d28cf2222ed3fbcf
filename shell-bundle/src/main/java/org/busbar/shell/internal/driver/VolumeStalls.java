package org.busbar.shell.internal.driver;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.volume.Volume;
import org.busbar.volume.VolumeStatistics;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** How long requests to volumes had to wait meanwhile. Used only where there are volumes. */
final class VolumeStalls {

    /** A volume that is used has told by then; of one that nobody uses nothing is to be told. */
    private static final Duration PATIENCE = Duration.ofMillis(300);

    private static final long LOOK_NANOS = 5_000_000;

    private final BundleContext context;
    private final Map<String, VolumeStatistics> before;

    private VolumeStalls(BundleContext context) {
        this.context = context;
        before = now();
    }

    static VolumeStalls begin(BundleContext context) {
        return new VolumeStalls(context);
    }

    private Map<String, VolumeStatistics> now() {
        Map<String, VolumeStatistics> all = new HashMap<>();
        try {
            for (ServiceReference<Volume> reference : context.getServiceReferences(Volume.class, null)) {
                Volume volume = context.getService(reference);
                if (volume != null) {
                    all.put(volume.name(), volume.statistics());
                    context.ungetService(reference);
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        return all;
    }

    /** Returns the longest that is known, in words; nothing if nobody had to wait. */
    Optional<String> longest() throws InterruptedException {
        Deadline deadline = Deadline.after(PATIENCE);
        ReentrantLock lock = new ReentrantLock();
        Condition nothing = lock.newCondition();
        Map<String, VolumeStatistics> after = now();
        while (!allHaveTold(after) && !deadline.expired()) {
            lock.lock();
            try {
                var _ = nothing.awaitNanos(LOOK_NANOS);
            } finally {
                lock.unlock();
            }
            after = now();
        }
        String volume = "";
        Duration longest = Duration.ZERO;
        for (Map.Entry<String, VolumeStatistics> entry : after.entrySet()) {
            Duration stall = stall(before.get(entry.getKey()), entry.getValue());
            if (stall.compareTo(longest) > 0) {
                longest = stall;
                volume = entry.getKey();
            }
        }
        return longest.isZero()
                ? Optional.empty()
                : Optional.of("requests to " + volume + " waited for " + Pauses.millis(longest));
    }

    private boolean allHaveTold(Map<String, VolumeStatistics> after) {
        return after.entrySet()
                .stream()
                .allMatch(entry -> {
                    VolumeStatistics then = before.get(entry.getKey());
                    return then == null
                            || entry.getValue().pathsLost() == then.pathsLost()
                            || entry.getValue().pauses() > then.pauses();
                });
    }

    /** A record pause is told exactly; of several shorter ones the last is. */
    private static Duration stall(@org.jspecify.annotations.Nullable VolumeStatistics then, VolumeStatistics now) {
        if (then == null || now.pauses() == then.pauses()) {
            return Duration.ZERO;
        }
        return now.longestPause().compareTo(then.longestPause()) > 0 ? now.longestPause() : now.lastPause();
    }
}
