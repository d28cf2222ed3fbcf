package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.DeviceEvent.Kind;
import org.busbar.device.dto.CandidateDTO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Constants;

/** What becomes of drivers of which their users say that they do not do what they should. */
@Timeout(60)
final class SupervisionTest {

    private final Bus bus = new Bus();
    private final AtomicInteger failed = new AtomicInteger();
    private final FakeDriver driver = bus.add(new FakeDriver("d", "k").doing((self, device, context) -> {
        context.publish(Runnable.class, () -> {}, Map.of());
        context.onRevoked(failed::incrementAndGet);
        return new FakeBinding(device.id(), context);
    }));
    private final FakeDevice device = bus.add("0", "k");

    @AfterEach
    void close() {
        bus.close();
    }

    private long service(FakeDevice of) {
        bus.settle();
        return driver.bundle.services()
                .stream()
                .filter(service -> service.properties.get("busbar.device").equals(of.id().address()))
                .map(service -> (long) service.properties.get(Constants.SERVICE_ID))
                .findFirst()
                .orElseThrow();
    }

    private void report(String what) {
        bus.session.serviceFailed("0", service(device), what);
        bus.settle();
    }

    private CandidateDTO candidate() {
        return bus.show(device).candidates.getFirst();
    }

    @Test
    void L5_driverThatFailsItsUsersLosesItsDeviceAndIsProbedAgainAfterADelay() {
        report("a read has thrown");
        assertThat(bus.state(device)).isEqualTo("BACKING_OFF");
        assertThat(failed).as("what was in flight was failed").hasValue(1);
        assertThat(driver.bindings.getFirst().calls).as("it is not asked to come to rest")
                .containsExactly("close FAILURE");
        assertThat(candidate().latestFailures).singleElement().satisfies(failure -> {
            assertThat(failure.what).isEqualTo("a read has thrown");
            assertThat(failure.time).isEqualTo(bus.time.now().toEpochMilli());
        });
        assertThat(candidate().nextAttempt)
                .isEqualTo(bus.time.now().plus(Policy.DEFAULT.retryDelay()).toEpochMilli());
        bus.time.advance(Policy.DEFAULT.retryDelay());
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(candidate().latestFailures).as("still told").hasSize(1);
    }

    @Test
    void L5_reportOfABindingThatHasEndedIsNotHeldAgainstTheNext() {
        long before = service(device);
        report("a read has thrown");
        bus.time.advance(Policy.DEFAULT.retryDelay());
        assertThat(bus.state(device)).isEqualTo("BOUND");
        bus.session.serviceFailed("0", before, "said too late");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(driver.probed).hasSize(2);
    }

    @Test
    void L5_reportConcernsNoOtherDeviceOfTheDriver() {
        FakeDevice other = bus.add("1", "k");
        bus.session.serviceFailed("0", service(other), "a service of another device");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        report("a read has thrown");
        assertThat(bus.state(other)).isEqualTo("BOUND");
        assertThat(driver.probed).containsExactlyInAnyOrder("0#1", "1#1");
    }

    @Test
    void failuresThatAreTooManyWithinTheWindowQuarantineThoughNoneFollowsAnotherAtOnce() {
        bus.session.policy(Bus.policy("maxFailures:=3", "failureWindow:=600000"));
        for (int i = 1; i <= 2; i++) {
            failAfterAGoodTime(i);
            assertThat(bus.state(device)).as("after failure " + i).isEqualTo("BOUND");
        }
        report("failure 3");
        assertThat(bus.state(device)).isEqualTo("QUARANTINED");
        assertThat(bus.show(device).reason).contains("failure 3", "failed 3 times within 600 s");
        assertThat(candidate().quarantined).isTrue();
        assertThat(candidate().latestFailures)
                .extracting(failure -> failure.what)
                .containsExactly("failure 1", "failure 2", "failure 3");
        assertThat(bus.events(Kind.QUARANTINED)).hasSize(1);
        bus.session.attach(device.id());
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(candidate().recentFailures).as("forgiven").isZero();
        failAfterAGoodTime(4);
        assertThat(bus.state(device)).as("they do not count any more").isEqualTo("BOUND");
    }

    @Test
    void failuresOutsideTheWindowDoNotCount() {
        bus.session.policy(Bus.policy("maxFailures:=2", "failureWindow:=60000"));
        for (int i = 1; i <= 5; i++) {
            failAfterAGoodTime(i);
            assertThat(bus.state(device)).as("after failure " + i).isEqualTo("BOUND");
            bus.time.advance(Duration.ofMinutes(1));
        }
    }

    private void failAfterAGoodTime(int number) {
        bus.settle();
        bus.time.advance(Policy.DEFAULT.maxRetryDelay().plusSeconds(1));
        report("failure " + number);
        assertThat(bus.state(device)).isEqualTo("BACKING_OFF");
        bus.time.advance(Policy.DEFAULT.retryDelay());
    }
}
