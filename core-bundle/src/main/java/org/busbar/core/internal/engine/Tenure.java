package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.scope.Grant;
import org.busbar.core.internal.scope.Leak;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.HandoverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.Kept;
import org.jspecify.annotations.Nullable;

/**
 * A driver's time with a device, from the start of the probe until nothing is left.
 *
 * <pre>
 *   PROBING -> BOUND -> UNPUBLISHING -> QUIESCING -> HANDING_OVER -> CLOSING -> RELEASING -> ENDED
 *      |                    ^               |               |           ^           ^
 *      |                    |               |               +---- done -|-----------+
 *      |                    |               +-- nobody to hand over to -+           |
 *      +--- a binding that is not wanted    (neither on surprise)                   |
 *      +--- no binding -------------------------------------------------------------+
 * </pre>
 *
 * <p>Every arrow is taken on the worker; every phase but BOUND and ENDED is one step on a thread of its own. A step that
 * misses its deadline is abandoned, and the next one begins.
 */
final class Tenure {

    enum Phase {
        PROBING,
        BOUND,
        UNPUBLISHING,
        QUIESCING,
        HANDING_OVER,
        CLOSING,
        RELEASING,
        ENDED
    }

    private final Environment env;
    private final TenureOwner owner;
    private final DeviceRecord device;
    private final DriverState driver;
    private final Pair pair;
    private final @Nullable Kept inherited;
    private final DriverCalls calls;
    private final Grant grant;
    private final Deadlines deadlines;
    private final int failuresBefore;
    private final long bindingsBefore;

    private Phase phase = Phase.PROBING;
    private @Nullable Step<?> step;
    private @Nullable DriverBinding binding;
    private @Nullable RemovalReason reason;
    private String reasonText = "";
    private Optional<String> failure = Optional.empty();
    private boolean overdue;
    private boolean leaked;
    /** Whether quiesce has succeeded; written by its step, read after it. */
    private volatile boolean atRest;

    private @Nullable Kept kept;
    private long boundAt;
    private boolean wasBound;

    Tenure(
            Environment env,
            TenureOwner owner,
            DeviceRecord device,
            DriverState driver,
            Pair pair,
            @Nullable Kept inherited,
            Deadlines deadlines,
            long bindingsBefore) {
        this.env = env;
        this.owner = owner;
        this.device = device;
        this.driver = driver;
        this.pair = pair;
        this.inherited = inherited;
        this.calls = new DriverCalls(env, owner, this);
        this.grant = new Grant(
                device.id(),
                new Grant.Holder(
                        driver.entry.name(),
                        driver.entry.serviceId(),
                        () -> driver.entry.driver().reference().getBundle()),
                Deadline.after(deadlines.probe()),
                calls);
        this.deadlines = deadlines;
        this.failuresBefore = pair.state().failures();
        this.bindingsBefore = bindingsBefore;
        if (inherited != null) { // whatever becomes of the probe: what the driver does not take over is released
            grant.own("what was kept", () -> inherited.release(!device.presence.isGone()));
        }
    }

    /** Starts the probe. */
    void start() {
        step = new ProbeStep(driver.entry.driver(), device.presence, grant, inherited, calls).start(
                env,
                threadName("probe"),
                driver.entry.serviceId(),
                deadlines,
                this::probed,
                stack -> overdue("the probe", stack));
    }

    private void probed(ProbeStep.Probed result) {
        binding = result.binding();
        if (reason != null) {
            unpublish();
        } else if (binding != null && result.failure() == null && !overdue) {
            phase = Phase.BOUND;
            wasBound = true;
            boundAt = env.scheduler().nanoTime();
            owner.bound(this);
        } else {
            if (!overdue) {
                owner.probeFailed(this, Objects.requireNonNull(result.failure()));
            }
            reason = RemovalReason.FAILURE;
            unpublish();
        }
    }

    /** Ends the tenure. A surprise overtakes an end that has begun already. */
    void remove(RemovalReason why, String text) {
        boolean first = reason == null;
        reason = why;
        reasonText = text;
        if (first) {
            owner.removing(this);
        }
        switch (phase) {
            case PROBING -> {
                revokeAside();
                cancelStep();
            }
            case BOUND -> unpublish();
            case QUIESCING, HANDING_OVER, CLOSING -> {
                revokeAside();
                cancelStep();
            }
            case UNPUBLISHING -> revokeAside();
            case RELEASING, ENDED -> {}
        }
    }

    private void unpublish() {
        boolean gone = isSurprise();
        if (gone) {
            grant.revocation().mark();
        }
        if (binding == null || (grant.publishesNothing() && (!gone || grant.revocation().isQuiet()))) {
            quiesce();
            return;
        }
        phase = Phase.UNPUBLISHING;
        next("withdrawing its services", "unpublish", deadlines.close(), this::quiesce, wanted -> {
            calls.call("revocation", () -> {
                if (grant.isRevoked()) {
                    grant.revoke(Deadline.after(deadlines.close()));
                }
            });
            grant.unpublish();
            return List.of();
        });
    }

    private void quiesce() {
        DriverBinding current = binding;
        if (current == null || isSurprise() || grant.isRevoked()) {
            close();
            return;
        }
        phase = Phase.QUIESCING;
        next("quiesce", "quiesce", deadlines.quiesce(), this::handOver, wanted -> {
            atRest = calls.call("quiesce", () -> current.quiesce(Deadline.after(deadlines.quiesce())));
            return List.of();
        });
    }

    private void handOver() {
        if (!(binding instanceof HandoverBinding leaving)
                || !atRest
                || overdue
                || grant.isRevoked()
                || !grant.isKeepable()
                || !owner.mayHandOver(this)) {
            close();
            return;
        }
        phase = Phase.HANDING_OVER;
        step = new HandoverStep(leaving, grant, device.presence, calls).start(
                env,
                threadName("handover"),
                driver.entry.serviceId(),
                deadlines,
                result -> {
                    kept = result.orElse(null);
                    close();
                },
                stack -> overdue("handing over", stack));
    }

    private void close() {
        DriverBinding current = binding;
        if (current == null || kept != null) { // who has handed over has closed
            release();
            return;
        }
        phase = Phase.CLOSING;
        RemovalReason why = isSurprise() ? RemovalReason.SURPRISE : reason == null ? RemovalReason.FAILURE : reason;
        next("close", "close", deadlines.close(), this::release, wanted -> {
            calls.call("close", () -> current.close(why));
            return List.of();
        });
    }

    private void release() {
        phase = Phase.RELEASING;
        grant.revocation().mark();
        Deadline threads = Deadline.after(deadlines.close());
        next(
                "releasing what it owns",
                "release",
                deadlines.close().multipliedBy(2),
                this::released,
                wanted -> grant.release(threads, wanted));
    }

    private void released() {
        if (grant.ownsNothing()) {
            phase = Phase.ENDED;
            binding = null; // whoever still holds this tenure does not hold the driver
            owner.ended(this);
        } else {
            release(); // one resource hangs: the others are released without it
        }
    }

    private void next(
            String doing,
            String thread,
            Duration limit,
            Runnable then,
            Function<BooleanSupplier, List<Leak>> body) {
        step = Step.start(
                env,
                threadName(thread),
                driver.entry.serviceId(),
                limit,
                deadlines.grace(),
                body,
                new Step.Outcomes<>(
                        leaks -> {
                            leaked |= !leaks.isEmpty();
                            leaks.forEach(leak -> owner.leaked(this, leak));
                            then.run();
                        },
                        stack -> overdue(doing, stack),
                        then,
                        leaks -> {}));
    }

    private void overdue(String doing, StackTraceElement[] stack) {
        stuck(doing, Leak.text(stack));
        revokeAside();
    }

    /** Revokes now; what the driver wants done on revocation is foreign code and gets a thread of its own. */
    private void revokeAside() {
        if (grant.revocation().mark()) {
            env.tasks()
                    .start(threadName("revoke"), () -> calls.call("revocation", () -> grant.revoke(
                            Deadline.after(deadlines.close()))));
        }
    }

    void stuck(String doing, String stack) {
        overdue = true;
        owner.stuck(this, doing, stack);
    }

    private void cancelStep() {
        if (step != null) {
            step.cancel(deadlines.close());
        }
    }

    /** Notes that the driver, or the host, reports a failure. */
    void fail(String why) {
        failure = failure.or(() -> Optional.of(why));
    }

    /** The driver has failed those who use it: what is in flight with it fails now, and it is not asked to come to rest. */
    void condemn(String why) {
        fail(why);
        revokeAside();
    }

    private boolean isSurprise() {
        return device.presence.isGone() || reason == RemovalReason.SURPRISE;
    }

    private String threadName(String what) {
        return "busbar-" + device.address() + "-" + what;
    }

    Holder holder() {
        if (reason != null) {
            return new Holder.Removing(pair, reason);
        }
        return phase == Phase.BOUND
                ? new Holder.Driving(pair, grant::isIdle, failure)
                : new Holder.Probing(pair);
    }

    Phase phase() {
        return phase;
    }

    DeviceRecord device() {
        return device;
    }

    DriverState driver() {
        return driver;
    }

    Pair pair() {
        return pair;
    }

    Grant grant() {
        return grant;
    }

    Optional<RemovalReason> reason() {
        return Optional.ofNullable(reason);
    }

    String reasonText() {
        return reasonText;
    }

    boolean wasBound() {
        return wasBound;
    }

    /** Returns what the bus keeps for a successor, once this has ended; it has to be released if nobody may have it. */
    @Nullable
    Kept kept() {
        return kept;
    }

    /** Returns whether nothing stands against a successor: no deadline missed, no thread left, no surprise. */
    boolean hasEndedWell() {
        return !overdue && !leaked && !isSurprise();
    }

    /** Returns whether the driver goes on where its predecessor has stopped. */
    boolean hasAdopted() {
        return inherited != null && inherited.isAdopted();
    }

    boolean isOverdue() {
        return overdue;
    }

    /** Returns how many failures in a row a failure after the binding makes; a long good time wipes earlier ones out. */
    int failuresAfterBinding(Duration forgiveAfter) {
        boolean good = env.scheduler().nanoTime() - boundAt > forgiveAfter.toNanos();
        return (good ? 0 : failuresBefore) + 1;
    }

    /** Returns the number of bindings on the bus when the probe began. */
    long bindingsBefore() {
        return bindingsBefore;
    }
}
