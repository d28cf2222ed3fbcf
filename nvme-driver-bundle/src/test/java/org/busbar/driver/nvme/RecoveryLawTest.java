package org.busbar.driver.nvme;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceId;
import org.busbar.nvme.ControllerStatus.State;
import org.busbar.pci.Bar;
import org.busbar.pci.PciDeviceContext;
import org.busbar.testkit.TestContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resets in which what should not happen does. */
class RecoveryLawTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void L5_aResetInWhichAnAccessFaultsEndsAndTheBindingFails(boolean gone) throws Exception {
        TestContext context = new TestContext(new DeviceId("pci", "0000:01:00.0", 1));
        AtomicBoolean dead = new AtomicBoolean();
        RuntimeException fault =
                gone ? new DeviceGoneException("an access has faulted") : new IllegalStateException("a defect");
        Bar bar = proxy(Bar.class, (method, arguments) -> {
            if (dead.get()) {
                throw new DeviceGoneException("an access has faulted");
            }
            return method.getName().equals("read64") ? (Object) 0x20_0000_ffffL : (Object) 1;
        });
        PciDeviceContext pci = proxy(PciDeviceContext.class, (method, arguments) -> {
            try {
                return method.invoke(context, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
        Registers registers = new Registers(bar);
        TaskThread control = new TaskThread("test", 4, context::fail);
        Recovery recovery = new Recovery(
                pci, registers, initialization(), new EventLog("test", List::of), control, new Faulty(fault), 1_000);
        control.start(context.executor(), 1_000, () -> {});
        dead.set(true);
        recovery.request("a test");
        context.await("the binding to fail", () -> !context.failures().isEmpty(), Deadline.afterMillis(20_000));
        assertThat(recovery.state()).isEqualTo(State.FAILED);
        assertThat(context.failures()).singleElement()
                .satisfies(e -> assertThat(e)
                        .hasMessageContaining("could not be reset")
                        .hasMessageContaining(String.valueOf(fault.getMessage())));
        assertThat(context.suspicions() > 0).isEqualTo(gone);
        context.revoke();
        assertThat(control.stop(Deadline.afterMillis(20_000))).isTrue();
    }

    /** It is not got that far. */
    @SuppressWarnings("NullAway")
    private static Initialization initialization() {
        return null;
    }

    private record Faulty(RuntimeException fault) implements Recovery.Surroundings {

        @Override
        public void pause() {}

        @Override
        public boolean isStill() {
            throw fault;
        }

        @Override
        public void restore(Initialization.Up up, Deadline deadline) {}

        @Override
        public void resume() {}

        @Override
        public ResetBudget.Progress progress() {
            return new ResetBudget.Progress(0, 0, true);
        }
    }

    private interface Answer {
        Object of(java.lang.reflect.Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Answer answer) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type},
                (self, method, arguments) -> answer.of(method, arguments)));
    }
}
