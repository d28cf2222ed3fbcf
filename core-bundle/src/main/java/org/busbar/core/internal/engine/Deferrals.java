package org.busbar.core.internal.engine;

import org.busbar.device.ProbeDeferredException;
import org.osgi.framework.InvalidSyntaxException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deferred probes: tried again when another device was bound, when a service appears that the driver named, and slowly by
 * the clock. What happens while such a probe runs counts as well. Belongs to the worker.
 */
final class Deferrals {

    private static final Logger LOG = LoggerFactory.getLogger(Deferrals.class);

    private final BusState bus;

    Deferrals(BusState bus) {
        this.bus = bus;
    }

    /** A probe was deferred. */
    void deferred(Tenure tenure, ProbeDeferredException why, String waitsFor) {
        Pair pair = tenure.pair();
        Deferral known = pair.deferral();
        boolean retry = bus.bindings != tenure.bindingsBefore();
        if (known != null && known.appeared) {
            known.appeared = false;
            retry = true;
        }
        long retryAt = bus.now() + (retry ? 0 : bus.policy.maxRetryDelay().toNanos());
        pair.state(new PairState.Deferred(waitsFor, retryAt));
        bus.deferred.add(tenure.device());
        String filter = why.serviceFilter().orElse("");
        if (known == null || !known.filter.equals(filter)) {
            end(pair);
            if (!filter.isEmpty()) {
                watch(tenure.device(), pair, filter);
            }
        }
    }

    /** A device was bound: others may have waited for it. */
    void bound(DeviceRecord device) {
        bus.deferred.remove(device);
        if (bus.deferred.isEmpty()) {
            return;
        }
        for (DeviceRecord other : bus.deferred) {
            for (Pair pair : other.pairs) {
                retry(other, pair);
            }
        }
        bus.deferred.removeIf(other -> other != device);
    }

    /** The pair does not wait any more, or is not there any more. */
    void end(Pair pair) {
        Deferral deferral = pair.deferral();
        if (deferral != null) {
            pair.deferral(null);
            deferral.ended = true;
            close(deferral);
        }
    }

    private void watch(DeviceRecord device, Pair pair, String filter) {
        Deferral deferral = new Deferral(filter);
        pair.deferral(deferral);
        bus.busy++;
        // The registry runs hooks of other bundles when a listener comes: not on the worker.
        bus.env.tasks().start("busbar-" + device.address() + "-watch", () -> {
            AutoCloseable watch = open(filter, () -> bus.env.worker().post(() -> appeared(device, pair, deferral)));
            bus.env.worker().post(() -> opened(deferral, watch));
        });
    }

    private AutoCloseable open(String filter, Runnable appeared) {
        try {
            return bus.env.services().watch(filter, appeared);
        } catch (InvalidSyntaxException malformed) {
            LOG.warn(
                    "a driver waits for services by the malformed filter {} and is tried again by the clock only",
                    filter,
                    malformed);
        } catch (RuntimeException unavailable) { // this bundle is stopping, or a hook of another bundle failed
            LOG.warn("cannot watch for services {}", filter, unavailable);
        }
        return () -> {};
    }

    private void opened(Deferral deferral, AutoCloseable watch) {
        bus.busy--;
        deferral.watch = watch;
        if (deferral.ended) {
            close(deferral);
        }
    }

    private void appeared(DeviceRecord device, Pair pair, Deferral deferral) {
        if (deferral.ended) {
            return;
        }
        Tenure tenure = device.tenure;
        deferral.appeared = tenure != null && tenure.pair() == pair;
        retry(device, pair);
    }

    private void retry(DeviceRecord device, Pair pair) {
        if (pair.state() instanceof PairState.Deferred deferred) {
            pair.state(new PairState.Deferred(deferred.waitsFor(), bus.now()));
            bus.touch(device);
        }
    }

    private void close(Deferral deferral) {
        AutoCloseable watch = deferral.watch;
        if (watch != null) {
            deferral.watch = null;
            bus.env.tasks().start("busbar-unwatch", () -> {
                try {
                    watch.close();
                } catch (Exception failure) { // nothing depends on it
                    LOG.warn("cannot end the watch for services {}", deferral.filter, failure);
                }
            });
        }
    }
}
