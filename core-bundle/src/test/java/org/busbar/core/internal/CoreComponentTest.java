package org.busbar.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.busbar.core.internal.engine.FakeDevice;
import org.busbar.core.internal.engine.FakeDriver;
import org.busbar.device.Deadline;
import org.busbar.device.bus.BusSession;
import org.busbar.device.dto.DeviceDTO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.BundleContext;

@Timeout(60)
class CoreComponentTest {

    private static CoreComponent core(Map<String, Object> configuration) {
        return core(configuration, Map.of());
    }

    private static CoreComponent core(Map<String, Object> configuration, Map<String, String> properties) {
        BundleContext context = (BundleContext) Proxy.newProxyInstance(
                CoreComponentTest.class.getClassLoader(),
                new Class<?>[] {BundleContext.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "getProperty" -> properties.get((String) args[0]);
                    case "addBundleListener", "removeBundleListener" -> null;
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new CoreComponent(context, configuration);
    }

    private static DeviceDTO bindOne(BusSession session) throws Exception {
        session.driverArrived(new FakeDriver("d", "k"));
        var _ = session.devicesChanged(List.of(), List.of(new FakeDevice("0", 1, "k")));
        session.settle(Deadline.after(Duration.ofSeconds(20)));
        return session.snapshot().devices.getFirst();
    }

    private static String state(BusSession session) throws Exception {
        session.settle(Deadline.after(Duration.ofSeconds(20)));
        return session.snapshot().devices.getFirst().state;
    }

    @Test
    void L9_policyComesFromConfigurationAndAppliesLive() throws Exception {
        CoreComponent core = core(Map.of());
        BusSession session = core.open("test");
        assertThat(bindOne(session).state).isEqualTo("BOUND");
        core.modified(Map.of("deny", "k"));
        assertThat(state(session)).isEqualTo("DENIED");
        core.modified(Map.of());
        assertThat(state(session)).isEqualTo("BOUND");
        core.deactivate();
    }

    @Test
    void L9_malformedConfigurationLeavesThePolicyInForce() throws Exception {
        CoreComponent core = core(Map.of("deny", "k"));
        BusSession session = core.open("test");
        assertThat(bindOne(session).state).isEqualTo("DENIED");
        core.modified(Map.of("rebind", "perhaps"));
        assertThat(state(session)).isEqualTo("DENIED");
        core.deactivate();
    }

    @Test
    void L10_malformedDenyEntryAtStartBindsNothing() throws Exception {
        CoreComponent core = core(Map.of("deny", "not an address"));
        BusSession session = core.open("test");
        DeviceDTO device = bindOne(session);
        assertThat(device.state).isEqualTo("DENIED");
        assertThat(device.reason).contains("org.busbar.core", "not an address", "0000:02:*");
        core.modified(Map.of());
        assertThat(state(session)).isEqualTo("BOUND");
        core.deactivate();
    }

    @Test
    void L9_untilAnAwaitedPolicyHasComeNothingIsBound() throws Exception {
        CoreComponent core = core(Map.of(), Map.of("busbar.core.awaits", "the file has been read"));
        BusSession session = core.open("test");
        DeviceDTO device = bindOne(session);
        assertThat(device.state).isEqualTo("DENIED");
        assertThat(device.reason).isEqualTo("nothing is bound until the file has been read");
        core.modified(Map.of("deny", "k"));
        assertThat(state(session)).isEqualTo("DENIED");
        core.modified(Map.of());
        assertThat(state(session)).isEqualTo("BOUND");
        core.deactivate();
    }

    @Test
    void L10_awaitedPolicyWithAMalformedDenyEntryBindsNothing() throws Exception {
        CoreComponent core = core(Map.of(), Map.of("busbar.core.awaits", "the file has been read"));
        BusSession session = core.open("test");
        core.modified(Map.of("deny", "not an address"));
        DeviceDTO device = bindOne(session);
        assertThat(device.state).isEqualTo("DENIED");
        assertThat(device.reason).contains("org.busbar.core", "not an address");
        core.modified(Map.of("rebind", "perhaps"));
        assertThat(state(session)).as("nor does a second malformed one").isEqualTo("DENIED");
        core.modified(Map.of());
        assertThat(state(session)).isEqualTo("BOUND");
        core.deactivate();
    }

    @Test
    void malformedNumberAtStartCountsAsItsDefault() throws Exception {
        CoreComponent core = core(Map.of("maxAttempts", "many"));
        assertThat(bindOne(core.open("test")).state).isEqualTo("BOUND");
        core.deactivate();
    }

    @Test
    void busHasOneSessionAtATime() {
        CoreComponent core = core(Map.of());
        BusSession session = core.open("test");
        assertThatThrownBy(() -> core.open("test"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("test");
        session.close();
        core.open("test").close();
        core.deactivate();
    }
}
