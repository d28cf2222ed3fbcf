package org.busbar.core.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SmokeTest {

    @Test
    void L3_lateDriverProbesOnlyItsOwn() {
        try (Bus bus = new Bus()) {
            FakeDevice nic = bus.add("1", "nic");
            FakeDevice ssd = bus.add("2", "ssd");
            FakeDriver nics = bus.driver("nics", "nic");
            assertThat(bus.driverOf(nic)).isEqualTo("nics");
            FakeDriver ssds = bus.driver("ssds", "ssd");
            assertThat(bus.driverOf(ssd)).isEqualTo("ssds");
            assertThat(nics.probed).containsExactly("1#1");
            assertThat(ssds.probed).containsExactly("2#1");
            bus.session.driverLeft(nics);
            assertThat(bus.state(nic)).isEqualTo("UNBOUND");
            assertThat(nics.bindings.getFirst().calls).containsExactly("quiesce", "close DRIVER_LEFT");
            bus.pull(ssd);
            bus.settle();
            assertThat(ssds.bindings.getFirst().calls).containsExactly("close SURPRISE");
        }
    }
}
