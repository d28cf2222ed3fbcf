package org.busbar.example.edu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.RemovalReason;
import org.busbar.emulator.internal.edu.EduModel;
import org.busbar.testkit.TestSlot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EduDriverTest {

    private final TestSlot slot = new TestSlot(1, new EduModel());

    @BeforeEach
    void probe() throws Exception {
        slot.probe(new EduDriver());
    }

    private EduDevice device() {
        return slot.service(EduDevice.class);
    }

    @AfterEach
    void L5_theDeviceHasReachedForNothingThatItWasNotGiven() {
        slot.close();
        assertThat(slot.iommuFaults()).isEmpty();
    }

    @Test
    void factorialsAreComputedAndEachInterrupts() throws Exception {
        int product = 1;
        for (int number = 0; number <= 12; number++) {
            product *= Math.max(number, 1);
            assertThat(device().factorial(number)).isEqualTo(product);
            assertThat(device().interrupts()).isEqualTo(number + 1);
        }
        assertThatThrownBy(() -> device().factorial(13)).hasMessageContaining("0 to 12");
        assertThatThrownBy(() -> device().factorial(-1)).hasMessageContaining("0 to 12");
    }

    @Test
    void textsGoThereAndBackThroughTheDevice() throws Exception {
        assertThat(device().echo("Grüße, Sammelschiene")).isEqualTo("Grüße, Sammelschiene");
        assertThat(device().echo("")).isEmpty();
        String longest = "x".repeat(4095);
        assertThat(device().echo(longest)).isEqualTo(longest);
        assertThatThrownBy(() -> device().echo(longest + "x")).isInstanceOf(IndexOutOfBoundsException.class);
        assertThat(device().factorial(3)).isEqualTo(6);
    }

    @Test
    void L7_afterRemovalTheDeviceCanBeProbedAgain() throws Exception {
        for (int round : IntStream.range(0, 100).toArray()) {
            assertThat(device().factorial(round % 13)).isPositive();
            EduDevice before = device();
            slot.remove(RemovalReason.UNBIND);
            assertThatThrownBy(() -> before.factorial(1)).isInstanceOf(DeviceGoneException.class);
            slot.probe(new EduDriver());
        }
    }

    @Test
    void L8_whoWaitsWhenTheCardIsPulledIsToldAtOnce() throws Exception {
        EduDevice device = device();
        slot.pull();
        slot.removeSurprised();
        assertThatThrownBy(() -> device.factorial(5)).isInstanceOf(DeviceGoneException.class);
    }
}
