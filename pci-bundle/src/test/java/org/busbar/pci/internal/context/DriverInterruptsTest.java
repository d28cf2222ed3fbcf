package org.busbar.pci.internal.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.DeviceGoneException;
import org.busbar.pci.internal.testing.FakeContext;
import org.junit.jupiter.api.Test;

class DriverInterruptsTest {

    private final FakeContext context = new FakeContext();
    private final FakeHandle port = new FakeHandle();
    private final DriverInterrupts interrupts = new DriverInterrupts(context, port);
    private final List<Integer> seen = new ArrayList<>();

    @Test
    void firesReachTheHandlerUntilInterruptsAreOff() throws Exception {
        interrupts.enable(4, seen::add);
        port.sink.fired(0);
        port.sink.fired(3);
        interrupts.disable();
        port.sink.fired(1);

        assertThat(seen).containsExactly(0, 3);
        assertThat(port.calls).containsExactly("enable", "disable");
    }

    @Test
    void theyAreEnabledOnceAndWithinWhatThereIs() throws Exception {
        assertThatThrownBy(() -> interrupts.enable(5, seen::add)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 4 can be enabled, not 5");
        assertThatThrownBy(() -> interrupts.enable(0, seen::add)).isInstanceOf(IllegalArgumentException.class);
        interrupts.enable(1, seen::add);
        assertThatThrownBy(() -> interrupts.enable(1, seen::add)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void thePinIsEnabledWhereThereIsOneAndInPlaceOfVectors() throws Exception {
        assertThatThrownBy(() -> interrupts.enablePin(seen::add)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no interrupt pin");
        port.pin = true;
        interrupts.enablePin(seen::add);
        port.sink.fired(0);
        assertThatThrownBy(() -> interrupts.enable(1, seen::add)).isInstanceOf(IllegalStateException.class);
        interrupts.disable();
        port.sink.fired(0);

        assertThat(seen).containsExactly(0);
        assertThat(port.calls).containsExactly("enablePin", "disable");
    }

    @Test
    void aRefusalOfTheHostCanBeTriedAgain() throws Exception {
        port.failing = "enable";
        assertThatThrownBy(() -> interrupts.enable(1, seen::add)).isInstanceOf(IOException.class)
                .hasMessage("no more eventfds");
        port.failing = "";
        interrupts.enable(1, seen::add);
        port.sink.fired(0);

        assertThat(seen).containsExactly(0);
    }

    @Test
    void L5_aHandlerThatThrowsEndsTheBindingAndIsNotCalledAgain() throws Exception {
        IllegalStateException defect = new IllegalStateException("defect of the driver");
        interrupts.enable(1, vector -> {
            seen.add(vector);
            throw defect;
        });

        port.sink.fired(0);
        port.sink.fired(0);

        assertThat(context.failures).containsExactly(defect);
        assertThat(seen).containsExactly(0);
        interrupts.disable();
        assertThat(port.calls).endsWith("disable");
    }

    @Test
    void L8_aHandlerThatFindsItsDeviceGoneIsNoFailureOfTheDriver() throws Exception {
        interrupts.enable(1, vector -> {
            throw new DeviceGoneException("gone");
        });
        context.revoke();

        port.sink.fired(0);

        assertThat(context.failures).isEmpty();
    }

    @Test
    void L6_nothingIsEnabledAfterTheEnd() {
        interrupts.disable();

        assertThatThrownBy(() -> interrupts.enable(1, seen::add)).isInstanceOf(DeviceGoneException.class);
        assertThat(port.calls).isEmpty();
    }
}
