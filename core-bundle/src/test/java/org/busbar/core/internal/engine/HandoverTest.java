package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A driver leaves, and its device runs on until its successor comes, or for a moment. */
@Timeout(120)
class HandoverTest {

    private final Bus bus = new Bus();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);

    @AfterEach
    void close() {
        goOn.countDown();
        bus.close();
    }

    private FakeDriver leaving(String name, String... keys) {
        return bus.add(new FakeDriver(name, keys)
                .doing((self, device, context) -> new LeavingBinding(device, context)));
    }

    private static LeavingBinding binding(FakeDriver driver) {
        return (LeavingBinding) driver.bindings.getLast();
    }

    private FakeDriver adopting(String name, String... keys) {
        FakeDriver driver = new FakeDriver(name, keys)
                .doing((self, device, context) -> new LeavingBinding(device, context));
        driver.adoption = (self, device, context, kept) -> {
            ((LeavingBinding.FakeFunction) kept).adopted = true;
            LeavingBinding adopted = new LeavingBinding(device, context);
            self.bindings.add(adopted);
            return adopted;
        };
        return bus.add(driver);
    }

    /** Has a driver hand its only device over. */
    private LeavingBinding.FakeFunction handedOver(FakeDriver driver, FakeDevice device) {
        bus.settle();
        LeavingBinding binding = binding(driver);
        bus.session.driverLeft(driver);
        assertThat(bus.state(device)).isEqualTo("KEPT");
        assertThat(binding.calls).containsExactly("quiesce", "handOver");
        return binding.function;
    }

    @Test
    void successorAdoptsWhatWasKept() {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        assertThat(bus.show(device).reason).contains("a function").contains("d, which has handed it over");
        FakeDriver second = adopting("d", "k");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(second.probed).containsExactly("0#1 adopts");
        assertThat(kept.calls).containsExactly("keep test version 1, 3 bytes");
        assertThat(bus.events(Kind.BOUND).getLast().text()).contains("goes on where its predecessor stopped");
        bus.session.driverLeft(second);
        FakeDriver third = adopting("d", "k");
        assertThat(bus.driverOf(device)).isEqualTo("d");
        assertThat(third.probed).containsExactly("0#1 adopts");
        assertThat(bus.time.pending()).as("timers").isZero();
    }

    @Test
    void L6_successorThatKnowsNothingOfItHasTheDeviceReleasedAndProbesAfresh() {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        FakeDriver second = bus.driver("d", "k");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(second.probed).containsExactly("0#1");
        assertThat(kept.calls).containsExactly("keep test version 1, 3 bytes", "release true");
    }

    @Test
    void L6_nobodyComesInTimeAndEverythingIsReleased() {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        bus.time.advance(Duration.ofMillis(1_999));
        assertThat(bus.state(device)).isEqualTo("KEPT");
        bus.time.advance(Duration.ofMillis(1));
        assertThat(bus.state(device)).isEqualTo("UNBOUND");
        assertThat(kept.calls).endsWith("release true").hasSize(2);
        FakeDriver late = adopting("d", "k");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(late.probed).containsExactly("0#1");
    }

    @Test
    void L4_anotherDriverGetsTheDeviceOnlyAfterWhatWasKeptIsReleased() {
        FakeDriver first = leaving("d", "id");
        FakeDriver plain = bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        plain.doing((self, probed, context) -> {
            kept.calls.add("probe by plain");
            return new FakeBinding(probed.id(), context);
        });
        assertThat(plain.probed).isEmpty();
        bus.time.advance(Duration.ofSeconds(2));
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        assertThat(kept.calls).endsWith("release true", "probe by plain");
    }

    @Test
    void L4_operatorWhoBindsAnotherDriverDoesNotWaitForTheSuccessor() throws Exception {
        FakeDriver first = leaving("d", "id");
        bus.driver("plain", "class");
        FakeDevice device = bus.add("0", "id", "class");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        bus.session.bind(device.id(), "plain").get(20, TimeUnit.SECONDS);
        assertThat(bus.driverOf(device)).isEqualTo("plain");
        assertThat(kept.calls).endsWith("release true");
    }

    @Test
    void L8_surpriseWhileItIsKeptReleasesItWithoutTouchingTheDevice() throws Exception {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        bus.changed(List.of(device.id()), List.of()).get(20, TimeUnit.SECONDS);
        assertThat(kept.calls).endsWith("release false");
        assertThat(bus.session.snapshot().devices).isEmpty();
        FakeDevice next = bus.add(new FakeDevice("0", 2, "k"));
        FakeDriver second = adopting("d", "k");
        assertThat(bus.state(next)).isEqualTo("BOUND");
        assertThat(second.probed).containsExactly("0#2");
    }

    @Test
    void L8_surpriseWhileItIsHandedOverOvertakesIt() throws Exception {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding binding = binding(first);
        binding.behaviour = self -> {
            entered.countDown();
            goOn.await(); // is interrupted
            return Optional.of(LeavingBinding.STATE);
        };
        Thread leaver = Thread.ofVirtual().start(() -> bus.session.driverLeft(first));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        bus.changed(List.of(device.id()), List.of()).get(20, TimeUnit.SECONDS);
        assertThat(leaver.join(Bus.LONG)).isTrue();
        assertThat(binding.calls).containsExactly("quiesce", "handOver", "close SURPRISE");
        assertThat(binding.function.calls).containsExactly("close");
    }

    @Test
    void L8_surpriseRightAfterItWasHandedOverReleasesIt() throws Exception {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding binding = binding(first);
        binding.behaviour = self -> {
            bus.pull(device);
            return Optional.of(LeavingBinding.STATE);
        };
        bus.session.driverLeft(first);
        bus.settle();
        assertThat(binding.calls).containsExactly("quiesce", "handOver");
        assertThat(binding.function.calls).containsExactly("keep test version 1, 3 bytes", "release false");
        assertThat(bus.session.snapshot().devices).isEmpty();
    }

    @Test
    void L8_surpriseDuringTheAdoptionReleasesWhatWasNotTakenOver() throws Exception {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        FakeDriver second = new FakeDriver("d", "k");
        second.adoption = (self, probed, context, what) -> {
            bus.pull(device);
            throw new ProbeException("the device is gone");
        };
        bus.add(second);
        bus.settle();
        assertThat(kept.calls).endsWith("release false");
        assertThat(bus.session.snapshot().devices).isEmpty();
    }

    @Test
    void L5_adoptionThatFailsReleasesAndIsTriedAgainAfresh() {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        FakeDriver second = new FakeDriver("d", "k");
        second.adoption = (self, probed, context, what) -> {
            throw new ProbeException("no idea what that is");
        };
        bus.add(second);
        assertThat(bus.state(device)).isEqualTo("BACKING_OFF");
        assertThat(kept.calls).endsWith("release true");
        bus.time.advance(Duration.ofSeconds(1));
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(second.probed).containsExactly("0#1 adopts", "0#1");
    }

    @Test
    void L5_driverThatThrowsInsteadOfHandingOverIsClosed() {
        expectClosed(self -> {
            throw new IOException("not now");
        });
    }

    @Test
    void driverThatHasNothingToHandOverIsClosed() {
        expectClosed(self -> Optional.empty());
    }

    @Test
    void L6_busThatCannotKeepADeviceHasItClosed() {
        expectClosed(self -> {
            self.function.refuses = true;
            return Optional.of(LeavingBinding.STATE);
        });
    }

    private void expectClosed(LeavingBinding.Leaving behaviour) {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding binding = binding(first);
        binding.behaviour = behaviour;
        bus.session.driverLeft(first);
        assertThat(bus.state(device)).isEqualTo("UNBOUND");
        assertThat(binding.calls).containsExactly("quiesce", "handOver", "close DRIVER_LEFT");
        assertThat(binding.function.calls).endsWith("close");
    }

    @Test
    void L7_driverThatHangsWhileItHandsOverIsRevokedAndClosed() throws Exception {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding binding = binding(first);
        binding.behaviour = self -> {
            entered.countDown();
            boolean over = false;
            while (!over) { // whoever interrupts it
                try {
                    goOn.await();
                    over = true;
                } catch (InterruptedException _) {
                    over = false;
                }
            }
            return Optional.of(LeavingBinding.STATE);
        };
        Thread leaver = Thread.ofVirtual().start(() -> bus.session.driverLeft(first));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        bus.time.advance(Duration.ofSeconds(5));
        bus.awaitEvent(event -> event.kind() == Kind.STUCK);
        bus.time.advance(Duration.ofSeconds(1));
        assertThat(leaver.join(Bus.LONG)).isTrue();
        assertThat(binding.calls).containsExactly("quiesce", "handOver", "close DRIVER_LEFT");
        assertThat(binding.function.calls).containsExactly("close");
        assertThat(bus.state(device)).isEqualTo("UNBOUND");
    }

    @Test
    void handedOverOnlyWhenADriverLeavesAndSomebodyMayComeBack() {
        FakeDriver driver = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.unbind(device.id()).join();
        assertThat(driver.bindings.getLast().calls).containsExactly("quiesce", "close UNBIND");
        bus.session.attach(device.id());
        bus.settle();
        bus.session.policy(Bus.policy("handover:=false"));
        expectClosedWhenLeft(driver, device);
        bus.session.policy(Bus.policy("updateGrace:=0"));
        expectClosedWhenLeft(bus.add(driver), device);
        bus.session.policy(Bus.policy());
        bus.services.stopping = true;
        expectClosedWhenLeft(bus.add(driver), device);
    }

    private void expectClosedWhenLeft(FakeDriver driver, FakeDevice device) {
        assertThat(bus.state(device)).isEqualTo("BOUND");
        bus.session.driverLeft(driver);
        assertThat(driver.bindings.getLast().calls).containsExactly("quiesce", "close DRIVER_LEFT");
        bus.time.advance(Duration.ofSeconds(2));
        bus.settle();
    }

    @Test
    void L6_endOfTheSessionReleasesWhatIsKept() {
        FakeDriver first = leaving("d", "k");
        FakeDevice device = bus.add("0", "k");
        LeavingBinding.FakeFunction kept = handedOver(first, device);
        bus.close();
        assertThat(kept.calls).endsWith("release true");
    }

    @Test
    void L6_uninstallDetachEjectDenialAndHostErrorsEndTheKeeping() throws Exception {
        expectReleasedBy(device -> bus.session.bundleUninstalled("bundle.d"));
        expectReleasedBy(device -> bus.session.detach(device.id(), RemovalReason.DETACH).get(20, TimeUnit.SECONDS));
        expectReleasedBy(device -> bus.session.ejectRequested(device.id()).get(20, TimeUnit.SECONDS));
        expectReleasedBy(device -> bus.session.policy(Bus.policy("deny:=" + device.id().address())));
        expectReleasedBy(device -> bus.session.deviceFailed(device.id(), "AER"));
    }

    private interface End {
        void of(FakeDevice device) throws Exception;
    }

    private int devices;

    private void expectReleasedBy(End end) throws Exception {
        bus.session.policy(Bus.policy());
        String key = "k" + devices++;
        FakeDriver driver = leaving("d", key);
        FakeDevice device = bus.add(key, key);
        LeavingBinding.FakeFunction kept = handedOver(driver, device);
        end.of(device);
        bus.settle();
        assertThat(kept.calls).containsExactly("keep test version 1, 3 bytes", "release true");
        assertThat(bus.state(device)).isNotIn("KEPT", "REMOVING");
    }

    /** What the driver has owned besides is given back before; only the function is kept. */
    @Test
    void L6_onlyTheFunctionOutlivesTheBinding() throws Exception {
        CountDownLatch closed = new CountDownLatch(2);
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch started = new CountDownLatch(1);
        FakeDriver first = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            context.own("before", closed::countDown);
            LeavingBinding binding = new LeavingBinding(device, context);
            context.own("after", closed::countDown);
            context.executor().execute(() -> {
                started.countDown();
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    ended.countDown();
                }
            });
            return binding;
        }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
        LeavingBinding binding = binding(first);
        bus.session.driverLeft(first);
        assertThat(closed.getCount()).as("resources not closed").isZero();
        assertThat(ended.getCount()).as("threads not ended").isZero();
        assertThat(binding.context.isRevoked()).isTrue();
        assertThat(bus.state(device)).isEqualTo("KEPT");
    }
}
