package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.device.ProbeException;
import org.busbar.device.RemovalReason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Devices that vanish while something else is going on. Deadlines never pass in here unless a test lets them. */
@Timeout(60)
class SurpriseTest {

    private final Bus bus = new Bus();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);

    @AfterEach
    void close() {
        never.countDown();
        bus.close();
    }

    @Test
    void L8_surpriseDuringProbeInterruptsIt() throws Exception {
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            entered.countDown();
            never.await();
            throw new AssertionError("not interrupted");
        }));
        FakeDevice device = bus.add("0", "k");
        await(entered);
        bus.pull(device);
        bus.settle();
        assertThat(bus.session.snapshot().devices).isEmpty();
        assertThat(bus.story(device.id())).endsWith(Kind.PROBE_STARTED, Kind.REMOVE_STARTED, Kind.DEVICE_REMOVED);
        assertThat(driver.bindings).isEmpty();
    }

    @Test
    void L8_bindingThatComesOutOfAnOvertakenProbeIsClosedWithSurprise() throws Exception {
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            entered.countDown();
            try {
                never.await();
            } catch (InterruptedException expected) {
                return new FakeBinding(device.id(), context);
            }
            throw new ProbeException("not interrupted");
        }));
        FakeDevice device = bus.add("0", "k");
        await(entered);
        bus.pull(device);
        bus.settle();
        assertThat(driver.bindings.getFirst().calls).containsExactly("close SURPRISE");
    }

    @Test
    void L8_waitOnARegisterEndsWhenTheDeviceGoes() throws Exception {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
            try {
                entered.countDown();
                context.await("ready", () -> false, Deadline.after(Bus.LONG));
            } catch (Exception failure) {
                outcome.complete(failure);
            }
            throw new ProbeException("gave up");
        }));
        FakeDevice device = bus.add("0", "k");
        await(entered);
        bus.pull(device);
        assertThat(outcome.get(20, TimeUnit.SECONDS))
                .isInstanceOfAny(DeviceGoneException.class, InterruptedException.class);
    }

    @Test
    void L8_surpriseOvertakesQuiesce() throws Exception {
        FakeDriver driver =
                bus.add(new FakeDriver("d", "k").doing((self, id, context) -> new FakeBinding(id.id(), context) {
                    @Override
                    public void quiesce(Deadline deadline) throws Exception {
                        calls.add("quiesce");
                        entered.countDown();
                        never.await();
                    }
                }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        CompletableFuture<Void> ejected = bus.session.ejectRequested(device.id());
        await(entered);
        bus.pull(device);
        ejected.get(20, TimeUnit.SECONDS);
        assertThat(driver.bindings.getFirst().calls).containsExactly("quiesce", "close SURPRISE");
    }

    @Test
    void L8_surpriseDuringCloseRevokesAndInterruptsButClosesOnce() throws Exception {
        AtomicReference<Boolean> revoked = new AtomicReference<>();
        FakeDriver driver =
                bus.add(new FakeDriver("d", "k").doing((self, id, context) -> new FakeBinding(id.id(), context) {
                    @Override
                    public void close(RemovalReason reason) {
                        calls.add("close " + reason);
                        entered.countDown();
                        try {
                            never.await();
                        } catch (InterruptedException surprise) {
                            revoked.set(context.isRevoked());
                        }
                    }
                }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        CompletableFuture<Void> detached = bus.session.detach(device.id(), RemovalReason.DETACH);
        await(entered);
        bus.pull(device);
        detached.get(20, TimeUnit.SECONDS);
        assertThat(driver.bindings.getFirst().calls).containsExactly("quiesce", "close DETACH");
        assertThat(revoked.get()).isTrue();
    }

    @Test
    void L8_grantIsRevokedWhenTheReportReturnsEvenIfTheWorkerIsBusy() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        List<String> order = new ArrayList<>();
        driver.bindings.getFirst().context.onRevoked(() -> order.add("in flight failed"));
        bus.pull(device);
        assertThat(driver.bindings.getFirst().context.isRevoked()).isTrue();
        assertThat(order).containsExactly("in flight failed");
    }

    @Test
    void L5_actionOnRevocationThatHangsHoldsNobodyUpForLong() throws Exception {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice bad = bus.add("0", "k");
        FakeDevice good = bus.add("1", "k");
        bus.settle();
        CountDownLatch told = new CountDownLatch(1);
        binding(driver, bad).context.onRevoked(() -> waitFor(never));
        binding(driver, good).context.onRevoked(told::countDown);
        CompletableFuture<Void> gone = bus.changed(List.of(bad.id(), good.id()), List.of());
        await(told);
        assertThat(binding(driver, good).context.isRevoked()).isTrue();
        bus.awaitEvent(e -> e.kind() == Kind.DEVICE_REMOVED && good.id().equals(e.device()));
        never.countDown();
        gone.get(20, TimeUnit.SECONDS);
    }

    /** SPDK 1275. */
    @Test
    void L8_severalRemovalsAtOnce() throws Exception {
        FakeDriver driver = bus.driver("d", "k");
        List<FakeDevice> devices = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            devices.add(new FakeDevice("a" + i, 1, "k"));
        }
        bus.changed(List.of(), devices).get(20, TimeUnit.SECONDS);
        bus.settle();
        assertThat(driver.bindings).hasSize(50);
        List<DeviceId> first = devices.subList(0, 25).stream().map(FakeDevice::id).toList();
        List<DeviceId> second = devices.subList(25, 50).stream().map(FakeDevice::id).toList();
        CompletableFuture<Void> one = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> one.complete(bus.changed(first, List.of()).join()));
        CompletableFuture<Void> two = bus.changed(second, List.of());
        CompletableFuture.allOf(one, two).get(20, TimeUnit.SECONDS);
        assertThat(driver.bindings).allMatch(b -> b.calls.equals(List.of("close SURPRISE")));
    }

    /** SPDK 1416, 1809: removed and inserted again, over and over, whatever is going on. */
    @Test
    void L8_removeAndInsertInQuickSuccession() {
        FakeDriver driver = bus.driver("d", "k");
        FakeDevice device = bus.add(new FakeDevice("0", 1, "k"));
        for (int generation = 2; generation <= 500; generation++) {
            FakeDevice next = new FakeDevice("0", generation, "k");
            var _ = bus.changed(List.of(device.id()), List.of(next));
            device = next;
        }
        assertThat(bus.driverOf(device)).isEqualTo("d");
        FakeBinding last = driver.bindings.getLast();
        assertThat(last.device).isEqualTo(device.id());
        assertThat(driver.bindings).filteredOn(b -> !b.equals(last))
                .allMatch(b -> b.calls.equals(List.of("close SURPRISE")));
        assertThat(last.calls).isEmpty();
    }

    /** SPDK 690: the same address with other contents, not announced as a removal. */
    @Test
    void L1_newGenerationAtAnAddressReplacesTheOldOneUnannounced() {
        FakeDriver ssds = bus.driver("ssds", "ssd");
        FakeDriver nics = bus.driver("nics", "nic");
        FakeDevice ssd = bus.add(new FakeDevice("0", 1, "ssd"));
        bus.settle();
        FakeDevice nic = bus.add(new FakeDevice("0", 2, "nic"));
        assertThat(bus.driverOf(nic)).isEqualTo("nics");
        assertThat(ssds.bindings.getFirst().calls).containsExactly("close SURPRISE");
        bus.add(ssd); // an outdated report
        assertThat(bus.driverOf(nic)).isEqualTo("nics");
        assertThat(nics.probed).containsExactly("0#2");
    }

    @Test
    void L8_nextCardWaitsUntilTheOldOneIsReleasedOrAbandoned() throws Exception {
        FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, id, context) -> {
            context.own("group", () -> {
                entered.countDown();
                waitFor(never);
            });
            return new FakeBinding(id.id(), context);
        }));
        FakeDevice old = bus.add(new FakeDevice("0", 1, "k"));
        bus.settle();
        FakeDevice next = new FakeDevice("0", 2, "k");
        CompletableFuture<Void> gone = bus.changed(List.of(old.id()), List.of(next));
        await(entered);
        assertThat(bus.show(next).state).isEqualTo("UNBOUND");
        assertThat(bus.show(next).reason).contains("completely given up");
        assertThat(gone).isNotDone();
        bus.time.advance(Duration.ofSeconds(10)); // deadline: interrupted, which this driver ignores
        bus.awaitEvent(e -> e.kind() == Kind.STUCK);
        assertThat(driver.probed).containsExactly("0#1");
        bus.time.advance(Duration.ofSeconds(1)); // grace: abandoned
        gone.get(20, TimeUnit.SECONDS);
        assertThat(bus.driverOf(next)).isEqualTo("d");
        assertThat(driver.probed).containsExactly("0#1", "0#2");
    }

    @Test
    void L5_actionOnRevocationThatHangsIsReportedWithItsStack() throws Exception {
        bus.session.policy(Bus.policy("closeDeadline:=100"));
        CountDownLatch acting = new CountDownLatch(1);
        bus.add(new FakeDriver("d", "k").doing((self, id, context) -> {
            context.onRevoked(() -> {
                acting.countDown();
                hang();
            });
            return new FakeBinding(id.id(), context);
        }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.pull(device);
        await(acting);
        bus.time.advance(Duration.ofMillis(100)); // for the case that a step of the removal is the one that runs it
        bus.awaitEvent(e -> e.kind() == Kind.STUCK && e.text().contains("SurpriseTest.hang"));
    }

    @Test
    void L8_suspicionIsReportedOncePerBinding() {
        bus.add(new FakeDriver("d", "k").doing((self, id, context) -> {
            context.suspectGone("all ones");
            context.suspectGone("all ones");
            return new FakeBinding(id.id(), context);
        }));
        bus.add("0", "k");
        bus.add("1", "k");
        bus.settle();
        assertThat(bus.events(Kind.SCAN_PROBLEM))
                .extracting(event -> String.valueOf(event.device()))
                .containsExactlyInAnyOrder("0#1", "1#1");
    }

    @Test
    void whatComesToNothingBecauseTheDeviceIsGoneIsNoWarning() {
        ListAppender<ILoggingEvent> logged = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger(Outcomes.class);
        log.addAppender(logged);
        log.setLevel(Level.INFO);
        logged.start();
        bus.add(new FakeDriver("d", "k").doing((self, id, context) -> new FakeBinding(id.id(), context) {
            @Override
            public void quiesce(Deadline deadline) {
                throw new DeviceGoneException("pulled");
            }

            @Override
            public void close(RemovalReason reason) {
                throw new IllegalStateException("a defect");
            }
        }));
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.ejectRequested(device.id()).join();
        logged.stop();
        log.detachAppender(logged);
        log.setLevel(null);
        assertThat(List.copyOf(logged.list))
                .filteredOn(entry -> entry.getFormattedMessage().contains("pulled"))
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.getLevel()).isEqualTo(Level.INFO);
                    assertThat(entry.getThrowableProxy()).isNull();
                });
        assertThat(List.copyOf(logged.list))
                .filteredOn(entry -> entry.getLevel() == Level.WARN)
                .singleElement()
                .satisfies(entry -> assertThat(entry.getThrowableProxy()).isNotNull());
    }

    @Test
    void L10_deviceThatItsHostWantsBackSaysWhy() {
        bus.driver("d", "k");
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        bus.session.ejectRequested(device.id(), "no rule claims it any more").join();
        assertThat(bus.events(Kind.UNBOUND).getLast().text()).isEqualTo("no rule claims it any more");
        assertThat(bus.state(device)).isEqualTo("EJECTING");
        assertThat(bus.show(device).reason).isEqualTo("given up: no rule claims it any more");
    }

    private static FakeBinding binding(FakeDriver driver, FakeDevice device) {
        return driver.bindings.stream()
                .filter(b -> b.device.equals(device.id()))
                .findFirst()
                .orElseThrow();
    }

    private static void await(CountDownLatch latch) throws InterruptedException {
        assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private void hang() {
        waitFor(never);
    }

    /** Waits without heeding interrupts, as a call into a hung device does. */
    static void waitFor(CountDownLatch latch) {
        while (true) {
            try {
                if (latch.await(60, TimeUnit.SECONDS)) {
                    return;
                }
                throw new AssertionError("never released");
            } catch (InterruptedException ignored) {
                // That is what it is about.
            }
        }
    }
}
