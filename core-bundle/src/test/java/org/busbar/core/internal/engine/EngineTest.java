package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.core.internal.policy.Deadlines;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeDeferredException;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.busbar.device.dto.DeviceDTO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EngineTest {

    private final Bus bus = new Bus();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() {
        never.countDown();
        bus.close();
    }

    @Test
    void L2_boundDeviceIsNotProbedAgainWhateverIsReported() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        for (int i = 0; i < 10; i++) {
            bus.add(device);
            bus.session.driverArrived(driver);
            bus.session.reevaluate(List.of(device.id()));
            bus.session.attach(device.id());
        }
        bus.settle();
        assertThat(driver.probed).containsExactly("0#1");
        assertThat(bus.session.snapshot().probes).isEqualTo(1);
    }

    @Test
    void L3_probesRunInParallel() throws Exception {
        CountDownLatch all = new CountDownLatch(200);
        bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            all.countDown();
            all.await(); // returns only once all 200 probes run at the same time
            return new FakeBinding(device.id(), context);
        }));
        List<FakeDevice> devices = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            devices.add(new FakeDevice("a" + i, 1, "k"));
        }
        bus.changed(List.of(), devices).get(20, TimeUnit.SECONDS);
        bus.settle();
        assertThat(bus.session.snapshot().devices).allMatch(d -> d.state.equals("BOUND"));
    }

    @Test
    void L4_betterDriverTakesOverAnIdleDeviceAndNotABusyOne() {
        FakeDriver plain = bus.add(new FakeDriver("plain", "class").doing((self, device, context) -> {
            context.publish(Runnable.class, () -> {}, Map.of());
            return new FakeBinding(device.id(), context);
        }));
        FakeDevice idle = bus.add("0", "id", "class");
        FakeDevice busy = bus.add("1", "id", "class");
        bus.settle();
        FakeBundle application = new FakeBundle("app");
        var used = plain.bundle.services()
                .stream()
                .filter(s -> s.properties.get("busbar.device").equals("1"))
                .findFirst()
                .orElseThrow();
        used.users.add(application.bundle());
        bus.driver("better", "id");
        assertThat(bus.driverOf(idle)).isEqualTo("better");
        assertThat(bus.driverOf(busy)).isEqualTo("plain");
        assertThat(bus.show(busy).reason).contains("in use", "better fits better");
        used.users.clear();
        bus.time.advance(Duration.ofSeconds(1));
        assertThat(bus.driverOf(busy)).isEqualTo("better");
        assertThat(plain.bindings).allMatch(b -> b.calls.equals(List.of("quiesce", "close REBIND")));
    }

    @Test
    void rebindNeverLeavesTheDeviceWhereItIs() {
        bus.session.policy(Bus.policy("rebind:=never"));
        bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        bus.settle();
        bus.driver("better", "id");
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        assertThat(bus.show(device).candidates.getFirst().obstacle).contains("plain has the device");
    }

    @Test
    void declinedPairIsPassedOverUntilTheDriverIsReplaced() {
        FakeDriver picky = bus.add(new FakeDriver("picky", "id").throwing(() -> new ProbeDeclinedException("too old")));
        bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        assertThat(picky.probed).hasSize(1);
        assertThat(bus.show(device).candidates.getFirst().obstacle).isEqualTo("declined: too old");
        bus.session.driverLeft(picky);
        bus.driver("picky", "id");
        assertThat(bus.driverOf(device)).isEqualTo("picky");
    }

    @Test
    void deferredProbeIsTriedAgainWhenAnotherDeviceIsBound() {
        AtomicInteger bound = new AtomicInteger();
        bus.add(new FakeDriver("late", "k").doing((self, device, context) -> {
            if (bound.get() == 0) {
                throw new ProbeDeferredException("the clock");
            }
            return new FakeBinding(device.id(), context);
        }));
        FakeDevice device = bus.add("0", "k");
        assertThat(bus.state(device)).isEqualTo("DEFERRED");
        assertThat(bus.show(device).reason).isEqualTo("late waits for the clock");
        bus.add(new FakeDriver("clock", "c").doing((self, clock, context) -> {
            bound.incrementAndGet();
            return new FakeBinding(clock.id(), context);
        }));
        bus.add("1", "c");
        assertThat(bus.state(device)).isEqualTo("BOUND");
    }

    @Test
    void deferredProbeIsTriedAgainWhenItsServiceAppearsAndByTheClock() {
        FakeDriver driver =
                bus.add(new FakeDriver("late", "k").throwing(() -> new ProbeDeferredException("firmware", "(x=y)")));
        FakeDevice device = bus.add("0", "k");
        assertThat(bus.state(device)).isEqualTo("DEFERRED");
        bus.services.appear("(x=y)");
        bus.settle();
        assertThat(driver.probed).hasSize(2);
        bus.time.advance(Policy.DEFAULT.maxRetryDelay());
        bus.settle();
        assertThat(driver.probed).hasSize(3);
        bus.pull(device);
        bus.settle();
        bus.close();
    }

    @Test
    void L4_deferredProbeIsTriedAgainIfAnotherDeviceWasBoundWhileItRan() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        bus.add(new FakeDriver("late", "k").doing((self, device, context) -> {
            if (attempts.incrementAndGet() == 1) {
                entered.countDown();
                never.await();
                throw new ProbeDeferredException("what has come while it looked elsewhere");
            }
            return new FakeBinding(device.id(), context);
        }));
        FakeDevice device = bus.add("0", "k");
        await(entered);
        bus.driver("clock", "c");
        FakeDevice clock = bus.add("1", "c");
        bus.awaitEvent(e -> e.kind() == Kind.BOUND && clock.id().equals(e.device()));
        never.countDown();
        assertThat(bus.state(device)).isEqualTo("BOUND");
    }

    @Test
    void L4_deferredProbeIsTriedAgainIfItsServiceAppearedWhileItRan() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        bus.add(new FakeDriver("late", "k").doing((self, device, context) -> {
            switch (attempts.incrementAndGet()) {
                case 1 -> throw new ProbeDeferredException("firmware", "(x=y)");
                case 2 -> {
                    entered.countDown();
                    never.await();
                    throw new ProbeDeferredException("firmware", "(x=y)");
                }
                default -> {
                    return new FakeBinding(device.id(), context);
                }
            }
        }));
        FakeDevice device = bus.add("0", "k");
        assertThat(bus.state(device)).isEqualTo("DEFERRED");
        bus.time.advance(Policy.DEFAULT.maxRetryDelay());
        await(entered);
        bus.services.appear("(x=y)");
        assertThat(bus.session.snapshot()).isNotNull(); // the worker knows of it
        never.countDown();
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void L5_failuresBackOffAndEndInQuarantineThenTheNextDriverHasIt() {
        FakeDriver broken = bus.add(new FakeDriver("broken", "id").doing((self, device, context) -> {
            throw new NoClassDefFoundError("com/example/Gone");
        }));
        FakeDevice device = bus.add("0", "id", "class");
        assertThat(bus.state(device)).isEqualTo("BACKING_OFF");
        assertThat(bus.show(device).candidates.getFirst().obstacle)
                .isEqualTo("probe failed once: NoClassDefFoundError: com/example/Gone, next try in 500 ms");
        bus.time.advance(Duration.ofMillis(499));
        bus.settle();
        assertThat(broken.probed).hasSize(1);
        bus.time.advance(Duration.ofMillis(1));
        bus.settle();
        assertThat(broken.probed).hasSize(2);
        bus.time.advance(Duration.ofSeconds(1));
        assertThat(bus.state(device)).isEqualTo("QUARANTINED");
        assertThat(broken.probed).hasSize(3);
        bus.driver("plain", "class");
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        assertThat(bus.show(device).candidates.getFirst().failures).isEqualTo(3);
    }

    @Test
    void quarantineEndsWithAttachWithAPolicyChangeAndWithAnUpdatedDriver() {
        bus.session.policy(Bus.policy("maxAttempts:=1"));
        FakeDriver broken = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> null));
        FakeDevice device = bus.add("0", "k");
        assertThat(bus.state(device)).isEqualTo("QUARANTINED");
        assertThat(bus.show(device).reason).contains("returned null instead of a binding");
        bus.session.attach(device.id());
        assertThat(bus.state(device)).isEqualTo("QUARANTINED");
        assertThat(broken.probed).hasSize(2);
        bus.session.policy(Bus.policy("maxAttempts:=1", "retryDelay:=7"));
        bus.settle();
        assertThat(broken.probed).hasSize(3);
        bus.session.driverLeft(broken);
        bus.driver("d", "k");
        assertThat(bus.state(device)).isEqualTo("BOUND");
    }

    @Test
    void L5_probeThatHangsIsRevokedInterruptedReportedAndAbandoned() throws Exception {
        CompletableFuture<RemovalReason> closed = new CompletableFuture<>();
        bus.add(new FakeDriver("hanging", "id").doing((self, device, context) -> {
            entered.countDown();
            SurpriseTest.waitFor(never);
            return new FakeBinding(device.id(), context) {
                @Override
                public void close(RemovalReason reason) {
                    closed.complete(reason);
                }
            };
        }));
        FakeDriver other = bus.driver("other", "other");
        FakeDevice device = bus.add("0", "id", "class");
        await(entered);
        FakeDevice neighbour = bus.add("1", "other");
        bus.awaitEvent(e -> e.kind() == Kind.BOUND && neighbour.id().equals(e.device()));
        assertThat(other.bindings).hasSize(1);
        bus.time.advance(Duration.ofSeconds(30));
        bus.awaitEvent(e -> e.kind() == Kind.STUCK && e.text().contains("SurpriseTest.waitFor"));
        bus.time.advance(Duration.ofSeconds(1));
        assertThat(bus.state(device)).isEqualTo("QUARANTINED");
        bus.driver("plain", "class");
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        never.countDown(); // it comes back after all: what it returns is closed, and changes nothing
        assertThat(closed.get(20, TimeUnit.SECONDS)).isEqualTo(RemovalReason.FAILURE);
        assertThat(bus.driverOf(device)).isEqualTo("plain");
    }

    @Test
    void L6_removalReleasesEverythingInReverseOrderEvenIfTheDriverThrows() {
        List<String> order = new ArrayList<>();
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            context.own("first", () -> order.add("first"));
            context.own("second", () -> {
                order.add("second");
                throw new IllegalStateException("stuck valve");
            });
            context.onRevoked(() -> order.add("revoked"));
            context.publish(Runnable.class, () -> {}, Map.of("colour", "red", "busbar.device", "forged"));
            return new FakeBinding(device.id(), context) {
                @Override
                public void close(RemovalReason reason) throws Exception {
                    assertThat(self.bundle.services()).isEmpty();
                    order.add("close");
                    throw new IOException("no reply");
                }
            };
        }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        assertThat(driver.bundle.services().getFirst().properties)
                .containsEntry("colour", "red")
                .containsEntry("busbar.device", "0")
                .containsEntry("busbar.generation", 1L)
                .containsEntry("busbar.driver", "d");
        bus.session.detach(device.id(), RemovalReason.DETACH).join();
        assertThat(order).containsExactly("close", "revoked", "second", "first");
        assertThat(bus.state(device)).isEqualTo("DETACHED");
    }

    @Test
    void L6_servicesArePublishedOnSuccessOnly() {
        bus.session.policy(Bus.policy("maxAttempts:=1"));
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            context.publish(Runnable.class, () -> {}, Map.of());
            assertThat(self.bundle.services()).isEmpty();
            throw new ProbeException("after all, no");
        }));
        bus.add("0", "k");
        bus.settle();
        assertThat(driver.bundle.services()).isEmpty();
    }

    @Test
    void L6_threadThatOutlivesItsBindingIsReported() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        bus.session.policy(Policy.DEFAULT.withDeadlines(new Deadlines(
                Duration.ofSeconds(30), Duration.ofSeconds(5), Duration.ofMillis(50), Duration.ofSeconds(1))));
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            context.executor().execute(() -> {
                running.countDown();
                SurpriseTest.waitFor(never);
            });
            return new FakeBinding(device.id(), context);
        }));
        bus.add("0", "k");
        await(running);
        bus.session.driverLeft(driver);
        List<DeviceEvent> leaks = bus.events(Kind.LEAK);
        assertThat(leaks).hasSize(1);
        assertThat(leaks.getFirst().text()).contains("busbar-0-1", "SurpriseTest.waitFor");
    }

    @Test
    void L7_noCodeRunsAfterTheDriverHasLeft() throws Exception {
        AtomicInteger running = new AtomicInteger();
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            running.incrementAndGet();
            entered.countDown();
            try {
                never.await(); // heeds the interrupt
            } finally {
                running.decrementAndGet();
            }
            return new FakeBinding(device.id(), context);
        }));
        bus.add("0", "k");
        await(entered);
        bus.session.driverLeft(driver);
        assertThat(running).hasValue(0);
        assertThat(driver.probed).hasSize(1);
    }

    @Test
    void L7_driverThatUnregistersItselfFromItsOwnCodeDoesNotDeadlock() throws Exception {
        CompletableFuture<Void> returned = new CompletableFuture<>();
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            bus.session.driverLeft(self);
            returned.complete(null);
            return new FakeBinding(device.id(), context);
        }));
        bus.add("0", "k");
        returned.get(20, TimeUnit.SECONDS);
        bus.settle();
        assertThat(driver.bindings).allMatch(b -> b.calls.getLast().startsWith("close"));
    }

    @Test
    void updatedDriverGetsItsDevicesBackBeforeOthersAreTried() {
        FakeDriver first = bus.driver("d", "id");
        FakeDriver plain = bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        bus.settle();
        bus.session.driverLeft(first);
        assertThat(bus.state(device)).isEqualTo("UPDATE_GRACE");
        bus.driver("d", "id");
        assertThat(bus.driverOf(device)).isEqualTo("d");
        assertThat(plain.probed).isEmpty();
    }

    @Test
    void updateGraceEndsByTheClockAndWhenTheBundleIsUninstalled() {
        FakeDriver first = bus.driver("d", "id");
        bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        bus.settle();
        bus.session.driverLeft(first);
        assertThat(bus.state(device)).isEqualTo("UPDATE_GRACE");
        bus.time.advance(Duration.ofSeconds(2));
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        FakeDriver again = bus.driver("d", "id");
        assertThat(bus.driverOf(device)).isEqualTo("d");
        bus.session.driverLeft(again);
        assertThat(bus.state(device)).isEqualTo("UPDATE_GRACE");
        bus.session.bundleUninstalled("bundle.d");
        assertThat(bus.driverOf(device)).isEqualTo("plain");
    }

    @Test
    void L9_policySurvivesReplugAndAppliesLive() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.policy(Bus.policy("deny:=0"));
        assertThat(bus.state(device)).isEqualTo("DENIED");
        assertThat(driver.bindings.getFirst().calls).containsExactly("quiesce", "close POLICY");
        bus.pull(device);
        FakeDevice again = bus.add(new FakeDevice("0", 2, "k"));
        assertThat(bus.state(again)).isEqualTo("DENIED");
        assertThat(bus.show(again).candidates.getFirst().obstacle).isEqualTo("denied by policy entry '0'");
        bus.session.policy(Bus.policy());
        assertThat(bus.state(again)).isEqualTo("BOUND");
    }

    @Test
    void L10_unavailableDeviceIsLeftAloneUntilItsHostSaysOtherwise() {
        FakeDevice device = new FakeDevice("0", 1, "k");
        device.unavailable = Optional.of("the kernel driver nvme has it");
        bus.add(device);
        FakeDriver driver = bus.driver("d", "k");
        assertThat(bus.state(device)).isEqualTo("DENIED");
        assertThat(driver.probed).isEmpty();
        device.unavailable = Optional.empty();
        bus.session.reevaluate(List.of(device.id()));
        assertThat(bus.state(device)).isEqualTo("BOUND");
    }

    @Test
    void operatorBindsUnbindsDetachesAndAttaches() throws Exception {
        bus.driver("best", "id");
        bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        bus.settle();
        bus.session.bind(device.id(), "plain").get(20, TimeUnit.SECONDS);
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        bus.session.unbind(device.id()).get(20, TimeUnit.SECONDS);
        assertThat(bus.state(device)).isEqualTo("UNBOUND");
        assertThatThrownBy(() -> bus.session.unbind(device.id()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not bound");
        bus.session.attach(device.id());
        assertThat(bus.driverOf(device)).isEqualTo("best");
        bus.session.detach(device.id(), RemovalReason.DETACH).get(20, TimeUnit.SECONDS);
        assertThat(bus.state(device)).isEqualTo("DETACHED");
        assertThatThrownBy(() -> bus.session.bind(device.id(), "nobody"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("best, plain");
    }

    @Test
    void bindFailsWithTheFailureOfTheProbe() {
        bus.add(new FakeDriver("d", "k").throwing(() -> new ProbeException("out of cheese")));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        assertThat(bus.session.bind(device.id(), "d"))
                .failsWithin(Bus.LONG)
                .withThrowableThat()
                .withMessageContaining("out of cheese");
    }

    @Test
    void ejectKeepsTheDeviceUnboundUntilItIsCancelled() throws Exception {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.ejectRequested(device.id()).get(20, TimeUnit.SECONDS);
        assertThat(driver.bindings.getFirst().calls).containsExactly("quiesce", "close EJECT");
        assertThat(bus.state(device)).isEqualTo("EJECTING");
        bus.session.ejectCancelled(device.id());
        assertThat(bus.state(device)).isEqualTo("BOUND");
    }

    @Test
    void driverThatCannotGoOnIsRemovedAndTriedAgainWithBackOff() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        for (int attempt = 1; attempt <= 3; attempt++) {
            bus.settle();
            driver.bindings.getLast().context.fail(new IOException("lost completion"));
            bus.awaitState(device, attempt < 3 ? "BACKING_OFF" : "QUARANTINED");
            bus.time.advance(Duration.ofSeconds(1));
        }
        assertThat(driver.bindings).hasSize(3).allMatch(b -> b.calls.equals(List.of("quiesce", "close FAILURE")));
    }

    @Test
    void L5_driverThatLiesInItsRegistrationIsListedAndNeverProbed() {
        FakeDriver empty = bus.driver("empty");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        assertThat(bus.session.snapshot().drivers.getFirst().problem).contains("no keys");
        assertThat(empty.probed).isEmpty();
        assertThat(bus.show(device).reason).isEqualTo("no driver matches");
    }

    @Test
    void closeRemovesEverythingWithShutdown() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.close();
        assertThat(driver.bindings.getFirst().calls).containsExactly("quiesce", "close SHUTDOWN");
        DeviceDTO after = bus.show(device);
        assertThat(after.state).isEqualTo("UNBOUND");
        assertThat(bus.changed(List.of(device.id()), List.of())).succeedsWithin(Bus.LONG);
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
