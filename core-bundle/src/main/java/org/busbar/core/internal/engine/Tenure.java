package org.busbar.core.internal.engine;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.scope.Grant;
import org.busbar.core.internal.scope.Leak;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.jspecify.annotations.Nullable;

/**
 * A driver's time with a device, from the start of the probe until nothing is left.
 *
 * <pre>
 *   PROBING -> BOUND -> UNPUBLISHING -> QUIESCING -> CLOSING -> RELEASING -> ENDED
 *      |                    ^               (not on surprise)       ^
 *      +--- a binding that is not wanted any more                   |
 *      +--- no binding ---------------------------------------------+
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
        CLOSING,
        RELEASING,
        ENDED
    }

    private record Probed(@Nullable DriverBinding binding, @Nullable Throwable failure) {}

    private final Environment env;
    private final TenureOwner owner;
    private final DeviceRecord device;
    private final DriverState driver;
    private final Pair pair;
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
    private long boundAt;
    private boolean wasBound;
    private final AtomicBoolean suspected = new AtomicBoolean();

    Tenure(
            Environment env,
            TenureOwner owner,
            DeviceRecord device,
            DriverState driver,
            Pair pair,
            Deadlines deadlines,
            long bindingsBefore) {
        this.env = env;
        this.owner = owner;
        this.device = device;
        this.driver = driver;
        this.pair = pair;
        this.grant = new Grant(
                device.id(),
                new Grant.Holder(
                        driver.entry.name(),
                        driver.entry.serviceId(),
                        () -> driver.entry.driver().reference().getBundle()),
                Deadline.after(deadlines.probe()),
                new Reports());
        this.deadlines = deadlines;
        this.failuresBefore = pair.state().failures();
        this.bindingsBefore = bindingsBefore;
    }

    /** Starts the probe. */
    void start() {
        step = Step.start(
                env,
                threadName("probe"),
                driver.entry.serviceId(),
                deadlines.probe(),
                deadlines.grace(),
                wanted -> probe(),
                new Step.Outcomes<>(
                        this::probed,
                        stack -> overdue("the probe", stack),
                        () -> probed(new Probed(null, null)),
                        this::probedLate));
    }

    private Probed probe() {
        DriverBinding result = null;
        try {
            result = driver.entry.driver().probe(device.presence.device(), grant);
            if (result == null) {
                return new Probed(null, new ProbeException("the driver returned null instead of a binding"));
            }
            grant.commit();
            return new Probed(result, null);
        } catch (Throwable thrown) { // a driver may throw anything, a missing class included: it fails this probe only
            return new Probed(result, Plain.of(thrown));
        }
    }

    private void probed(Probed result) {
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

    /** A probe that was given up on has come back: nobody wants the binding, but it has to be closed. */
    private void probedLate(Probed late) {
        DriverBinding unwanted = late.binding();
        if (unwanted != null) {
            RemovalReason why = device.presence.isGone() ? RemovalReason.SURPRISE : RemovalReason.FAILURE;
            call("closing a binding that came too late", () -> unwanted.close(why));
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
            case QUIESCING, CLOSING -> {
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
            call("revocation", () -> {
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
        next("quiesce", "quiesce", deadlines.quiesce(), this::close, wanted -> {
            call("quiesce", () -> current.quiesce(Deadline.after(deadlines.quiesce())));
            return List.of();
        });
    }

    private void close() {
        DriverBinding current = binding;
        if (current == null) {
            release();
            return;
        }
        phase = Phase.CLOSING;
        RemovalReason why = isSurprise() ? RemovalReason.SURPRISE : reason == null ? RemovalReason.FAILURE : reason;
        next("close", "close", deadlines.close(), this::release, wanted -> {
            call("close", () -> current.close(why));
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
                    .start(threadName("revoke"), () -> call("revocation", () -> grant.revoke(
                            Deadline.after(deadlines.close()))));
        }
    }

    private void stuck(String doing, String stack) {
        overdue = true;
        owner.stuck(this, doing, stack);
    }

    private void cancelStep() {
        if (step != null) {
            step.cancel(deadlines.close());
        }
    }

    /** What the driver says through its grant. */
    private final class Reports implements Grant.Reports {
        @Override
        public void failed(Throwable cause) {
            owner.failed(Tenure.this, Plain.of(cause));
        }

        @Override
        public void suspectGone(String why) {
            if (!suspected.getAndSet(true)) { // once is news; a driver that polls would say it again and again
                owner.suspectGone(Tenure.this, why);
            }
        }

        @Override
        public void stuck(Leak action) {
            env.worker().post(() -> Tenure.this.stuck("what is to be done on revocation", action.stack()));
        }

        @Override
        public void trouble(String what, Throwable failure) {
            tell(what, failure);
        }
    }

    private interface ForeignCall {
        void run() throws Exception;
    }

    private void call(String what, ForeignCall foreign) {
        try {
            foreign.run();
        } catch (Throwable thrown) { // a driver may throw anything: the removal goes on regardless
            tell(what, thrown);
        }
    }

    private void tell(String what, Throwable thrown) {
        ProbeException plain = Plain.of(thrown);
        if (thrown instanceof DeviceGoneException) {
            owner.overtaken(this, what, Failures.message(plain)); // that is what drivers are to throw then
        } else {
            owner.trouble(this, what, plain);
        }
    }

    /** Notes that the driver, or the host, reports a failure. */
    void fail(String why) {
        failure = failure.or(() -> Optional.of(why));
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
