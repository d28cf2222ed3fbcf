package org.busbar.core.internal.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.busbar.core.internal.policy.DriverOverride;
import org.busbar.core.internal.policy.Policy;
import org.busbar.core.internal.policy.RebindRule;
import org.busbar.device.DeviceState;
import org.busbar.device.RemovalReason;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is to be done about a device. A function of the situation, the policy and the time: the same again gives
 * the same answer, and nothing happens in here. docs/device-states.md draws the states.
 */
final class Decision {

    /** How often a busy device is looked at again that a better driver waits for: the registry does not tell. */
    static final long IDLE_CHECK_NANOS = 1_000_000_000L;

    private final Situation s;
    private final Policy policy;
    private final long now;

    private Decision(Situation situation, Policy policy, long now) {
        this.s = situation;
        this.policy = policy;
        this.now = now;
    }

    /** Decides. */
    static Action decide(Situation situation, Policy policy, long now) {
        Decision decision = new Decision(situation, policy, now);
        return switch (situation.holder()) {
            case Holder.Removing removing -> decision.removing(removing);
            case Holder.Probing probing -> decision.probing(probing.pair());
            case Holder.Driving driving -> decision.driving(driving);
            case Holder.Kept kept -> decision.kept(kept);
            case Holder.Nobody nobody -> decision.free();
        };
    }

    private Action removing(Holder.Removing removing) {
        if (s.gone() && !removing.reason().isSurprise()) {
            return remove(RemovalReason.SURPRISE);
        }
        return new Action.Stay(DeviceState.REMOVING, removing.reason().text());
    }

    private Action probing(Pair pair) {
        Action end = endOf(pair);
        return end != null ? end : new Action.Stay(DeviceState.PROBING, pair.name() + " probes it");
    }

    private Action driving(Holder.Driving driving) {
        Action end = endOf(driving.pair());
        if (end != null) {
            return end;
        }
        if (driving.failure().isPresent()) {
            return new Action.Remove(
                    RemovalReason.FAILURE, driving.failure().get());
        }
        return better(driving);
    }

    /** Returns why the driver that has the device may not keep it, or null if it may. */
    private Action.@Nullable Remove endOf(Pair holder) {
        if (s.gone()) {
            return remove(RemovalReason.SURPRISE);
        }
        if (s.closing()) {
            return remove(RemovalReason.SHUTDOWN);
        }
        if (!s.pairs().contains(holder)) {
            return remove(RemovalReason.DRIVER_LEFT);
        }
        if (s.ejecting().isPresent()) {
            return new Action.Remove(RemovalReason.EJECT, s.ejecting().get());
        }
        Action.Remove chosen =
                switch (s.choice()) {
                    case Choice.Free free -> null;
                    case Choice.Detached detached -> remove(detached.reason());
                    case Choice.Unbound unbound -> remove(RemovalReason.UNBIND);
                    case Choice.BoundTo to when !to.driver().equals(holder.name()) ->
                        new Action.Remove(RemovalReason.REBIND, "an operator wants " + to.driver());
                    case Choice.BoundTo to -> null;
                    case Choice.Replaced replaced when replaced.by() != holder && takesOver(replaced.by()) ->
                        new Action.Remove(RemovalReason.REBIND, "its driver is replaced by a successor");
                    case Choice.Replaced replaced -> null;
                };
        if (chosen != null) {
            return chosen;
        }
        Optional<String> denial = policy.denial(s.address(), s.keys());
        if (denial.isPresent()) {
            return new Action.Remove(RemovalReason.POLICY, denial.get());
        }
        Optional<DriverOverride> override = policy.override(s.address(), s.keys());
        if (override.isPresent() && !override.get().driver().equals(holder.name())) {
            return new Action.Remove(RemovalReason.POLICY, "policy override '" + override.get() + "'");
        }
        return null;
    }

    private boolean takesOver(Pair successor) {
        List<Pair> allowed = allowed();
        return !allowed.isEmpty() && allowed.getFirst() == successor && successor.isDue(now);
    }

    private static Action.Remove remove(RemovalReason reason) {
        return new Action.Remove(reason, reason.text());
    }

    /** Decides whether a driver that fits better takes over. */
    private Action better(Holder.Driving driving) {
        Pair holder = driving.pair();
        Action.Stay stay = new Action.Stay(DeviceState.BOUND, "driven by " + holder.name());
        if (policy.rebind() == RebindRule.NEVER || s.choice().lasting() instanceof Choice.BoundTo) {
            return stay;
        }
        for (Pair pair : allowed()) {
            if (pair == holder) {
                return stay;
            }
            if (pair.isDue(now)) {
                if (policy.rebind() == RebindRule.ALWAYS || driving.idle().getAsBoolean()) {
                    return new Action.Remove(RemovalReason.REBIND, pair.name() + " fits better");
                }
                return new Action.Wait(
                        DeviceState.BOUND,
                        "driven by " + holder.name() + ", in use; " + pair.name()
                                + " fits better and takes over when it is idle",
                        now + IDLE_CHECK_NANOS);
            }
            Optional<Long> retryAt = retryAt(pair);
            if (retryAt.isPresent()) {
                return new Action.Wait(DeviceState.BOUND, stay.reason(), retryAt.get());
            }
        }
        return stay;
    }

    /** Decides for a device that runs on without a driver. */
    private Action kept(Holder.Kept kept) {
        if (kept.releasing()) {
            return new Action.Stay(DeviceState.REMOVING, "what was kept of it is released");
        }
        Optional<String> end = endOfKeeping();
        if (end.isPresent()) {
            return new Action.Release(end.get());
        }
        Grace grace = s.grace().orElse(null);
        if (grace == null) {
            return new Action.Release("it is not held for a successor any more");
        }
        for (Pair pair : allowed()) {
            if (pair.driver().identity().equals(kept.from())) {
                return pair.isDue(now)
                        ? new Action.Probe(pair)
                        : new Action.Release(pair.name() + " is back and cannot probe it now");
            }
        }
        if (grace.until() - now <= 0) {
            return new Action.Release("no successor has come in time");
        }
        return new Action.Wait(
                DeviceState.KEPT,
                "runs on for " + kept.from().driver() + ", which has handed it over and may come back updated; kept: "
                        + kept.text(),
                grace.until());
    }

    /** Returns why nobody may have a device that is kept. */
    private Optional<String> endOfKeeping() {
        if (s.gone()) {
            return Optional.of(RemovalReason.SURPRISE.text());
        }
        if (s.closing()) {
            return Optional.of(RemovalReason.SHUTDOWN.text());
        }
        if (s.ejecting().isPresent()) {
            return s.ejecting();
        }
        return switch (s.choice()) {
            case Choice.Detached detached -> Optional.of(detached.reason().text());
            case Choice.Unbound unbound -> Optional.of(RemovalReason.UNBIND.text());
            case Choice.Free free -> policy.denial(s.address(), s.keys());
            case Choice.BoundTo to -> policy.denial(s.address(), s.keys());
            case Choice.Replaced replaced -> policy.denial(s.address(), s.keys());
        };
    }

    private Action free() {
        if (s.gone() || s.closing()) {
            return new Action.Stay(DeviceState.UNBOUND, s.gone() ? "gone" : "the runtime stops");
        }
        if (s.ejecting().isPresent()) {
            return new Action.Stay(DeviceState.EJECTING, "given up: " + s.ejecting().get());
        }
        if (s.choice() instanceof Choice.Detached) {
            return new Action.Stay(DeviceState.DETACHED, "detached by an operator");
        }
        if (s.choice() instanceof Choice.Unbound) {
            return new Action.Stay(DeviceState.UNBOUND, "unbound by an operator");
        }
        Optional<String> denial = policy.denial(s.address(), s.keys());
        if (denial.isPresent()) {
            return new Action.Stay(DeviceState.DENIED, denial.get());
        }
        if (s.pairs().isEmpty()) {
            return new Action.Stay(DeviceState.UNBOUND, "no driver matches");
        }
        if (s.unavailable().isPresent()) {
            return new Action.Stay(DeviceState.DENIED, s.unavailable().get());
        }
        List<Pair> allowed = allowed();
        if (allowed.isEmpty()) {
            return new Action.Stay(DeviceState.UNBOUND, whyNobodyMay());
        }
        if (s.slotHeld()) {
            return new Action.Stay(
                    DeviceState.UNBOUND, "waits until the device that was here before is completely given up");
        }
        Action held = s.grace().isEmpty() ? null : held(allowed, s.grace().get());
        return held != null ? held : choose(allowed);
    }

    /** Decides for a device whose driver has just left: returns null if it is not to be held any longer. */
    private @Nullable Action held(List<Pair> allowed, Grace grace) {
        for (Pair pair : allowed) {
            if (pair.driver().identity().equals(grace.driver())) {
                return pair.isDue(now) ? new Action.Probe(pair) : null;
            }
        }
        if (grace.until() - now <= 0) {
            return null;
        }
        return new Action.Wait(
                DeviceState.UPDATE_GRACE,
                "held for " + grace.driver().driver() + ", which has just left and may come back updated",
                grace.until());
    }

    /** Takes the best driver that may be probed now; one that has to wait is waited for, others are passed over. */
    private Action choose(List<Pair> allowed) {
        Pair quarantined = null;
        Pair declined = null;
        for (Pair pair : allowed) {
            if (pair.isDue(now)) {
                return new Action.Probe(pair);
            }
            switch (pair.state()) {
                case PairState.Deferred deferred -> {
                    return new Action.Wait(
                            DeviceState.DEFERRED,
                            pair.name() + " waits for " + deferred.waitsFor(),
                            deferred.retryAt());
                }
                case PairState.BackingOff backingOff -> {
                    return new Action.Wait(
                            DeviceState.BACKING_OFF,
                            "probe by " + pair.name() + " failed: " + backingOff.why(),
                            backingOff.retryAt());
                }
                case PairState.Quarantined q -> quarantined = quarantined == null ? pair : quarantined;
                case PairState.Declined d -> declined = declined == null ? pair : declined;
                case PairState.Fresh fresh -> throw new AssertionError("a fresh pair is due: " + pair);
            }
        }
        if (quarantined != null && quarantined.state() instanceof PairState.Quarantined q) {
            return new Action.Stay(DeviceState.QUARANTINED, quarantined.name() + " failed: " + q.why());
        }
        String why = declined != null && declined.state() instanceof PairState.Declined d ? d.why() : "";
        return new Action.Stay(DeviceState.UNBOUND, "declined by every driver that matches: " + why);
    }

    /** Returns the pairs that override and operator leave, best first. */
    private List<Pair> allowed() {
        Optional<String> only = policy.override(s.address(), s.keys()).map(DriverOverride::driver);
        Choice choice = s.choice().lasting();
        if (only.isEmpty() && !(choice instanceof Choice.BoundTo) && !(s.choice() instanceof Choice.Replaced)) {
            return s.pairs();
        }
        List<Pair> allowed = new ArrayList<>();
        for (Pair pair : s.pairs()) {
            boolean chosen = !(choice instanceof Choice.BoundTo to) || to.driver().equals(pair.name());
            if (chosen && only.map(pair.name()::equals).orElse(true)) {
                allowed.add(pair);
            }
        }
        if (s.choice() instanceof Choice.Replaced replaced && allowed.remove(replaced.by())) {
            allowed.addFirst(replaced.by());
        }
        return allowed;
    }

    private String whyNobodyMay() {
        Optional<DriverOverride> override = policy.override(s.address(), s.keys());
        if (s.choice().lasting() instanceof Choice.BoundTo to) {
            return "bound by an operator to " + to.driver() + ", which is not here"
                    + override.map(o -> " or excluded by policy override '" + o + "'").orElse("");
        }
        return "policy override '" + override.orElseThrow() + "' wants a driver that is not here or does not match";
    }

    private static Optional<Long> retryAt(Pair pair) {
        return switch (pair.state()) {
            case PairState.Deferred deferred -> Optional.of(deferred.retryAt());
            case PairState.BackingOff backingOff -> Optional.of(backingOff.retryAt());
            default -> Optional.empty();
        };
    }
}
