package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.busbar.core.internal.policy.Policy;
import org.busbar.device.ProbeDeclinedException;
import org.busbar.device.ProbeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A device goes from a driver to that one's successor while both are there. */
@Timeout(120)
class ReplacementTest {

    private Bus bus = new Bus();

    @AfterEach
    void close() {
        bus.close();
    }

    private void policy(Policy policy) {
        bus.close();
        bus = new Bus(policy);
    }

    private FakeDriver version(String bundle, String name) {
        FakeDriver driver = new FakeDriver(new FakeBundle(bundle), name, 0, "k")
                .doing((self, device, context) -> new LeavingBinding(device, context));
        driver.adoption = (self, device, context, kept) -> {
            ((LeavingBinding.FakeFunction) kept).adopted = true;
            LeavingBinding adopted = new LeavingBinding(device, context);
            self.bindings.add(adopted);
            return adopted;
        };
        return driver;
    }

    private FakeDriver version() {
        return bus.add(version("b", "d"));
    }

    private static LeavingBinding.FakeFunction function(FakeDriver driver) {
        return ((LeavingBinding) driver.bindings.getLast()).function;
    }

    private CompletableFuture<Void> replace(FakeDevice device, FakeDriver by) {
        return bus.session.replace(device.id(), by.reference());
    }

    private static void done(CompletableFuture<Void> replaced) throws Exception {
        replaced.get(30, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<Void> replaced) {
        return assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> done(replaced)).actual().getCause();
    }

    @Test
    void L3_onlyTheDeviceThatIsAskedForGoesToTheSuccessorAndIsHandedOver() throws Exception {
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding.FakeFunction function = function(first);
        FakeDevice other = bus.add("1", "k");
        bus.settle();
        FakeDriver second = version();
        bus.settle();
        assertThat(second.probed).as("by its arrival alone").isEmpty();
        done(replace(device, second));
        assertThat(second.probed).containsExactly("0#1 adopts");
        assertThat(function.calls).containsExactly("keep test version 1, 3 bytes");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(bus.state(other)).isEqualTo("BOUND");
        assertThat(first.probed).containsExactly("0#1", "1#1");
        done(replace(device, second));
        assertThat(second.probed).as("asked for again").hasSize(1);
        done(replace(other, second));
        bus.session.driverLeft(first);
        assertThat(second.probed).containsExactly("0#1 adopts", "1#1 adopts");
    }

    @Test
    void L4_theOneBeforeDoesNotTakeItBack() throws Exception {
        policy(Bus.policy("rebind:=always"));
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        FakeDriver second = version();
        done(replace(device, second));
        bus.settle();
        assertThat(first.probed).hasSize(1);
        bus.session.driverLeft(second);
        bus.settle();
        assertThat(first.probed).as("once the successor has left").containsExactly("0#1", "0#1 adopts");
    }

    @Test
    void L5_successorThatThrowsLosesTheDeviceToTheOneBefore() {
        expectFallback(new ProbeException("not like this"));
    }

    @Test
    void L5_successorThatDeclinesLosesTheDeviceToTheOneBefore() {
        expectFallback(new ProbeDeclinedException("not this one"));
    }

    private void expectFallback(ProbeException failure) {
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding.FakeFunction function = function(first);
        FakeDriver second = version("b", "d");
        second.adoption = (self, probed, context, kept) -> {
            throw failure;
        };
        bus.add(second);
        assertThat(failure(replace(device, second))).hasMessageContaining(failure.getMessage());
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(first.probed).containsExactly("0#1", "0#1");
        assertThat(second.probed).containsExactly("0#1 adopts");
        assertThat(function.calls).endsWith("release true");
    }

    @Test
    void withoutHandoverTheDeviceIsClosedAndProbed() throws Exception {
        policy(Bus.policy("handover:=false"));
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        LeavingBinding.FakeFunction function = function(first);
        FakeDriver second = version();
        done(replace(device, second));
        assertThat(second.probed).containsExactly("0#1");
        assertThat(function.calls).containsExactly("close");
    }

    @Test
    void choiceOfAnOperatorIsKept() throws Exception {
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        done(bus.session.bind(device.id(), "d"));
        FakeDriver second = version();
        done(replace(device, second));
        FakeDriver better = bus.add(new FakeDriver(new FakeBundle("c"), "better", 5, "k"));
        bus.session.driverLeft(first);
        bus.session.driverLeft(second);
        bus.settle();
        assertThat(better.probed).isEmpty();
    }

    @Test
    void L8_deviceThatGoesMeanwhileIsSaidToBeGone() {
        version();
        FakeDevice device = bus.add("0", "k");
        bus.settle();
        FakeDriver second = version("b", "d");
        second.adoption = (self, probed, context, kept) -> {
            bus.pull(device);
            throw new ProbeException("it does not answer");
        };
        bus.add(second);
        assertThat(failure(replace(device, second))).isInstanceOf(ProbeException.class);
        bus.settle();
        assertThat(bus.session.snapshot().devices).isEmpty();
    }

    @Test
    void whatIsNoSuccessorIsRefused() {
        FakeDriver first = version();
        FakeDevice device = bus.add("0", "k");
        FakeDevice alone = bus.add("1", "other");
        bus.settle();
        FakeDriver stranger = bus.add(version("c", "d"));
        FakeDriver renamed = bus.add(version("b", "e"));
        assertThatIllegalArgumentException().isThrownBy(() -> replace(device, stranger))
                .withMessageContaining("successor");
        assertThatIllegalArgumentException().isThrownBy(() -> replace(device, renamed))
                .withMessageContaining("successor");
        assertThatIllegalArgumentException().isThrownBy(() -> replace(alone, first)).withMessageContaining("no driver");
        assertThat(bus.state(device)).isEqualTo("BOUND");
        assertThat(first.probed).hasSize(1);
    }
}
