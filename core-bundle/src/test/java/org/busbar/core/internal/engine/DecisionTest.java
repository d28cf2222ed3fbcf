package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.busbar.core.internal.match.Candidate;
import org.busbar.core.internal.match.DriverEntry;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.DeviceState;
import org.busbar.device.RemovalReason;
import org.busbar.device.bus.MatchKey;
import org.junit.jupiter.api.Test;

class DecisionTest {

    private static final long NOW = 1_000;
    private static final List<MatchKey> KEYS = List.of(new MatchKey("id", 100), new MatchKey("class", 50));

    private final Pair best = pair("best", 1, KEYS.getFirst());
    private final Pair plain = pair("plain", 2, KEYS.getLast());

    private boolean gone;
    private boolean closing;
    private boolean slotHeld;
    private boolean ejecting;
    private Choice choice = new Choice.Free();
    private Optional<String> unavailable = Optional.empty();
    private List<Pair> pairs = List.of(best, plain);
    private Holder holder = new Holder.Nobody();
    private Optional<Grace> grace = Optional.empty();
    private Policy policy = Policy.DEFAULT;

    private static Pair pair(String name, long service, MatchKey key) {
        return new Pair(new Candidate(
                new DriverEntry(
                        new FakeDriver(name, key.text()),
                        name,
                        new DriverEntry.Identity("bundle." + name, name),
                        "1",
                        service,
                        0,
                        List.of(key.text()),
                        ""),
                key));
    }

    private Action decide() {
        return Decision.decide(
                new Situation(
                        "0", KEYS, gone, closing, slotHeld, wantedBack(), choice, unavailable, pairs, holder, grace),
                policy,
                NOW);
    }

    private void expectState(DeviceState state) {
        assertThat(decide()).isInstanceOfSatisfying(Action.Stay.class, stay -> assertThat(stay.state())
                .isEqualTo(state));
    }

    private void expectWait(DeviceState state, long until) {
        assertThat(decide()).isInstanceOfSatisfying(Action.Wait.class, wait -> {
            assertThat(wait.state()).isEqualTo(state);
            assertThat(wait.until()).isEqualTo(until);
        });
    }

    private void expectRemove(RemovalReason reason) {
        assertThat(decide()).isInstanceOfSatisfying(Action.Remove.class, remove -> assertThat(remove.reason())
                .isEqualTo(reason));
    }

    private void expectProbe(Pair pair) {
        assertThat(decide()).isEqualTo(new Action.Probe(pair));
    }

    private void held(Pair pair, BooleanSupplier idle) {
        holder = new Holder.Driving(pair, idle, Optional.empty());
    }

    private Optional<String> wantedBack() {
        return ejecting ? Optional.of(RemovalReason.EJECT.text()) : Optional.empty();
    }

    @Test
    void freeDeviceIsProbedByTheBestDriver() {
        expectProbe(best);
    }

    @Test
    void whoHasTheDeviceKeepsItWhileNothingSpeaksAgainstIt() {
        held(best, () -> true);
        expectState(DeviceState.BOUND);
        holder = new Holder.Probing(best);
        expectState(DeviceState.PROBING);
        holder = new Holder.Removing(best, RemovalReason.EJECT);
        expectState(DeviceState.REMOVING);
    }

    @Test
    void everythingThatEndsABindingEndsAProbeAsWell() {
        for (Holder each : List.of(new Holder.Probing(best), new Holder.Driving(best, () -> true, Optional.empty()))) {
            holder = each;
            choice = new Choice.Free();
            policy = Bus.policy("deny:=0");
            expectRemove(RemovalReason.POLICY);
            policy = Bus.policy("driverOverride:=0=plain");
            expectRemove(RemovalReason.POLICY);
            policy = Policy.DEFAULT;
            choice = new Choice.Unbound();
            expectRemove(RemovalReason.UNBIND);
            choice = new Choice.Detached(RemovalReason.DETACH);
            expectRemove(RemovalReason.DETACH);
            choice = new Choice.BoundTo("plain");
            expectRemove(RemovalReason.REBIND);
            ejecting = true;
            expectRemove(RemovalReason.EJECT);
            pairs = List.of(plain);
            expectRemove(RemovalReason.DRIVER_LEFT);
            closing = true;
            expectRemove(RemovalReason.SHUTDOWN);
            gone = true;
            expectRemove(RemovalReason.SURPRISE);
            gone = closing = ejecting = false;
            pairs = List.of(best, plain);
        }
    }

    @Test
    void L8_onlySurpriseOvertakesARemoval() {
        holder = new Holder.Removing(best, RemovalReason.EJECT);
        closing = true;
        ejecting = true;
        choice = new Choice.Unbound();
        expectState(DeviceState.REMOVING);
        gone = true;
        expectRemove(RemovalReason.SURPRISE);
        holder = new Holder.Removing(best, RemovalReason.SURPRISE);
        expectState(DeviceState.REMOVING);
    }

    @Test
    void failureEndsABinding() {
        holder = new Holder.Driving(best, () -> true, Optional.of("lost completion"));
        assertThat(decide()).isEqualTo(new Action.Remove(RemovalReason.FAILURE, "lost completion"));
    }

    @Test
    void betterDriverTakesOverAsTheRuleSays() {
        held(plain, () -> true);
        expectRemove(RemovalReason.REBIND);
        held(plain, () -> false);
        expectWait(DeviceState.BOUND, NOW + Decision.IDLE_CHECK_NANOS);
        policy = Bus.policy("rebind:=always");
        expectRemove(RemovalReason.REBIND);
        policy = Bus.policy("rebind:=never");
        expectState(DeviceState.BOUND);
        policy = Policy.DEFAULT;
        choice = new Choice.BoundTo("plain");
        expectState(DeviceState.BOUND);
    }

    @Test
    void betterDriverThatCannotHaveItNowDoesNotTakeOver() {
        held(plain, () -> true);
        best.state(new PairState.Declined("no"));
        expectState(DeviceState.BOUND);
        best.state(new PairState.Quarantined(3, "no"));
        expectState(DeviceState.BOUND);
        best.state(new PairState.BackingOff(1, "no", NOW + 5));
        expectWait(DeviceState.BOUND, NOW + 5);
        best.state(new PairState.Deferred("x", NOW + 6));
        expectWait(DeviceState.BOUND, NOW + 6);
        best.state(new PairState.BackingOff(1, "no", NOW));
        expectRemove(RemovalReason.REBIND);
    }

    @Test
    void whatKeepsAFreeDeviceFromBeingBoundInOrderOfWeight() {
        slotHeld = true;
        expectState(DeviceState.UNBOUND);
        unavailable = Optional.of("the kernel has it");
        expectState(DeviceState.DENIED);
        pairs = List.of();
        expectState(DeviceState.UNBOUND);
        policy = Bus.policy("deny:=class");
        expectState(DeviceState.DENIED);
        choice = new Choice.Unbound();
        expectState(DeviceState.UNBOUND);
        choice = new Choice.Detached(RemovalReason.DETACH);
        expectState(DeviceState.DETACHED);
        ejecting = true;
        expectState(DeviceState.EJECTING);
        closing = true;
        expectState(DeviceState.UNBOUND);
    }

    @Test
    void bestDriverThatHasToWaitIsWaitedFor() {
        best.state(new PairState.Deferred("x", NOW + 7));
        expectWait(DeviceState.DEFERRED, NOW + 7);
        best.state(new PairState.BackingOff(1, "no", NOW + 8));
        expectWait(DeviceState.BACKING_OFF, NOW + 8);
        best.state(new PairState.BackingOff(1, "no", NOW));
        expectProbe(best);
    }

    @Test
    void driversThatAreOutOfTheQuestionArePassedOver() {
        best.state(new PairState.Declined("no"));
        expectProbe(plain);
        plain.state(new PairState.Declined("no"));
        expectState(DeviceState.UNBOUND);
        plain.state(new PairState.Quarantined(3, "no"));
        expectState(DeviceState.QUARANTINED);
    }

    @Test
    void overrideAndOperatorLeaveOneDriver() {
        policy = Bus.policy("driverOverride:=0=plain");
        expectProbe(plain);
        choice = new Choice.BoundTo("best");
        expectState(DeviceState.UNBOUND);
        policy = Policy.DEFAULT;
        expectProbe(best);
        choice = new Choice.BoundTo("absent");
        expectState(DeviceState.UNBOUND);
    }

    @Test
    void deviceIsHeldForItsDriverOnlyIfAnotherCouldHaveIt() {
        grace = Optional.of(new Grace(new DriverEntry.Identity("bundle.best", "best"), NOW + 9));
        pairs = List.of(plain);
        expectWait(DeviceState.UPDATE_GRACE, NOW + 9);
        pairs = List.of();
        expectState(DeviceState.UNBOUND);
        pairs = List.of(best, plain);
        expectProbe(best);
        grace = Optional.of(new Grace(new DriverEntry.Identity("bundle.best", "best"), NOW));
        pairs = List.of(plain);
        expectProbe(plain);
    }

    @Test
    void returningDriverIsFavouredEvenIfAnotherFitsBetter() {
        grace = Optional.of(new Grace(new DriverEntry.Identity("bundle.plain", "plain"), NOW + 9));
        expectProbe(plain);
        plain.state(new PairState.BackingOff(1, "no", NOW + 1));
        expectProbe(best);
    }

    @Test
    void keptDeviceWaitsForTheSuccessorOfItsDriverAndForNobodyElse() {
        DriverEntry.Identity from = new DriverEntry.Identity("bundle.best", "best");
        holder = new Holder.Kept(from, "a function", false);
        grace = Optional.of(new Grace(from, NOW + 9));
        pairs = List.of(plain);
        expectWait(DeviceState.KEPT, NOW + 9);
        pairs = List.of();
        expectWait(DeviceState.KEPT, NOW + 9);
        pairs = List.of(best, plain);
        expectProbe(best);
        best.state(new PairState.BackingOff(1, "no", NOW + 1));
        assertThat(decide()).isInstanceOf(Action.Release.class);
        best.state(new PairState.Fresh());
        gone = true;
        assertThat(decide()).isInstanceOf(Action.Release.class);
        gone = false;
        pairs = List.of(plain);
        grace = Optional.of(new Grace(from, NOW));
        assertThat(decide()).isInstanceOf(Action.Release.class);
        holder = new Holder.Kept(from, "a function", true);
        expectState(DeviceState.REMOVING);
    }

    @Provide
    Arbitrary<PairState> states() {
        return Arbitraries.of(
                new PairState.Fresh(),
                new PairState.Declined("no"),
                new PairState.Deferred("x", NOW + 5),
                new PairState.Deferred("x", NOW - 5),
                new PairState.BackingOff(2, "no", NOW + 5),
                new PairState.BackingOff(2, "no", NOW - 5),
                new PairState.Quarantined(3, "no"));
    }

    @Provide
    Arbitrary<Choice> choices() {
        return Arbitraries.of(
                new Choice.Free(),
                new Choice.Unbound(),
                new Choice.Detached(RemovalReason.DETACH),
                new Choice.BoundTo("best"),
                new Choice.BoundTo("absent"));
    }

    @Provide
    Arbitrary<List<Boolean>> flags() {
        return Arbitraries.of(true, false).list().ofSize(5);
    }

    @Provide
    Arbitrary<Policy> policies() {
        return Combinators.combine(
                Arbitraries.of("never", "idle", "always"),
                Arbitraries.of("", "deny:=0", "allow:=1", "driverOverride:=0=plain"))
                .as((rebind, more) -> more.isEmpty()
                        ? Bus.policy("rebind:=" + rebind)
                        : Bus.policy("rebind:=" + rebind, more));
    }

    /** Whatever the situation: nobody who may not is probed, and nobody who has nothing is told to give it up. */
    @Property(tries = 5000)
    void decisionsAreAlwaysPossible(
            @ForAll("states") PairState first,
            @ForAll("states") PairState second,
            @ForAll("choices") Choice wanted,
            @ForAll("flags") List<Boolean> flags,
            @ForAll("policies") Policy rules,
            @ForAll boolean bound,
            @ForAll boolean kept,
            @ForAll boolean inTime) {
        best.state(first);
        plain.state(second);
        choice = wanted;
        gone = flags.get(0);
        closing = flags.get(1);
        slotHeld = flags.get(2);
        ejecting = flags.get(3);
        policy = rules;
        boolean idle = flags.get(4);
        holder = new Holder.Nobody();
        if (bound) {
            held(plain, () -> idle);
        } else if (kept) {
            DriverEntry.Identity from = new DriverEntry.Identity("bundle.best", "best");
            holder = new Holder.Kept(from, "a function", idle);
            grace = inTime ? Optional.of(new Grace(from, NOW + 9)) : Optional.empty();
        }
        switch (decide()) {
            case Action.Probe probe -> {
                assertThat(bound || gone || closing || (slotHeld && !kept) || ejecting).isFalse();
                assertThat(kept && idle).as("probed while what was kept is released").isFalse();
                assertThat(probe.pair().isDue(NOW)).isTrue();
                assertThat(policy.denial("0", KEYS)).isEmpty();
                assertThat(policy.override("0", KEYS).map(o -> o.driver().equals(probe.pair().name())))
                        .isNotEqualTo(Optional.of(false));
                assertThat(choice).isNotInstanceOfAny(Choice.Unbound.class, Choice.Detached.class);
            }
            case Action.Remove remove -> {
                assertThat(bound).isTrue();
                assertThat(remove.reason() == RemovalReason.SURPRISE).isEqualTo(gone);
            }
            case Action.Release release -> assertThat(kept && !bound && !idle).isTrue();
            case Action.Wait wait -> assertThat(wait.until()).isGreaterThan(NOW);
            case Action.Stay stay -> assertThat(stay.reason()).isNotEmpty();
        }
        assertThat(new ArrayList<>(pairs)).containsExactly(best, plain);
    }
}
