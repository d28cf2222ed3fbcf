package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.busbar.core.internal.policy.Policy;
import org.busbar.core.internal.policy.PolicyParser;
import org.busbar.core.internal.work.Mailbox;
import org.busbar.core.internal.work.ThreadTasks;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.dto.DeviceDTO;

/** A session on real threads, with a clock that stands still unless a test moves it. */
final class Bus implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(20);

    final ManualScheduler time;
    final FakeServices services = new FakeServices();
    final Session session;

    Bus() {
        this(Policy.DEFAULT);
    }

    Bus(Policy policy) {
        time = new ManualScheduler();
        session = new Session(
                "test",
                new Environment(new Mailbox("busbar-test"), time, new ThreadTasks(), services),
                policy,
                closed -> {});
    }

    static Policy policy(String... settings) {
        var map = new HashMap<String, Object>();
        for (String setting : settings) {
            String[] parts = setting.split(":=", 2);
            map.put(parts[0], parts[1]);
        }
        PolicyParser.Result result = PolicyParser.parse(map);
        assertThat(result.problems()).isEmpty();
        return result.policy();
    }

    FakeDevice add(FakeDevice device) {
        var _ = changed(List.of(), List.of(device));
        return device;
    }

    FakeDevice add(String address, String... keys) {
        return add(new FakeDevice(address, 1, keys));
    }

    FakeDriver add(FakeDriver driver) {
        session.driverArrived(driver);
        return driver;
    }

    FakeDriver driver(String name, String... keys) {
        return add(new FakeDriver(name, keys));
    }

    CompletableFuture<Void> changed(List<DeviceId> gone, List<FakeDevice> come) {
        return session.devicesChanged(gone, come);
    }

    void pull(FakeDevice device) {
        var _ = changed(List.of(device.id()), List.of());
    }

    void settle() {
        try {
            session.settle(Deadline.after(LONG));
        } catch (DeviceTimeoutException | InterruptedException failure) {
            throw new AssertionError(failure);
        }
    }

    DeviceDTO show(FakeDevice device) {
        return session.snapshot().devices.stream()
                .filter(dto -> dto.address.equals(device.id().address()))
                .findFirst()
                .orElseThrow();
    }

    String state(FakeDevice device) {
        settle();
        return show(device).state;
    }

    String driverOf(FakeDevice device) {
        settle();
        return show(device).driver;
    }

    List<DeviceEvent> events(DeviceEvent.Kind kind) {
        return session.history().stream().filter(e -> e.kind() == kind).toList();
    }

    List<DeviceEvent.Kind> story(DeviceId device) {
        return session.history()
                .stream()
                .filter(e -> device.equals(e.device()))
                .map(DeviceEvent::kind)
                .toList();
    }

    /** Waits for an event, and for the end of the message that it is part of. */
    void awaitEvent(Predicate<DeviceEvent> wanted) throws Exception {
        var seen = new CountDownLatch(1);
        try (AutoCloseable _ = session.follow(event -> {
            if (wanted.test(event)) {
                seen.countDown();
            }
        })) {
            boolean known = session.history().stream().anyMatch(wanted);
            assertThat(known || seen.await(LONG.toSeconds(), TimeUnit.SECONDS))
                    .as("event seen in " + session.history())
                    .isTrue();
        }
        assertThat(session.snapshot()).isNotNull();
    }

    /** Waits until a device is in a state that something other than this thread brings about. */
    void awaitState(FakeDevice device, String state) {
        try {
            awaitEvent(event -> show(device).state.equals(state));
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Override
    public void close() {
        time.runWhileClosing(session::close);
    }
}
