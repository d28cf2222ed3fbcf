package org.busbar.pci.internal.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus.RescanResult;
import org.busbar.pci.PciDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeBusTest {

    private static final int MANY = 65_536;

    /** The deadline is generous: what is quadratic here takes minutes, what is linear a second or two. */
    @Test
    void L3_65536FunctionsComeChangeAndGoLinearly(@TempDir Path storage) throws Exception {
        FakeHost host = new FakeHost("large");
        for (int i = 0; i < MANY; i++) {
            host.insert(FakeFunction.at(new PciAddress(0, i >>> 8, i >>> 3 & 0x1f, i & 7), 0x010802));
        }
        FakeSession session = new FakeSession();
        TestFramework framework = new TestFramework(storage);
        PciBusComponent bus = new PciBusComponent(name -> session, framework.context());
        Deadline deadline = Deadline.after(Duration.ofSeconds(60));

        bus.addHost(host);
        bus.settle(deadline);
        assertThat(bus.devices()).hasSize(MANY);
        assertThat(framework.context().getServiceReferences(PciDevice.class, null)).hasSize(MANY);

        session.calls.clear();
        host.insert("0000:05:00.0");
        host.remove("0000:06:00.0");
        RescanResult result = bus.rescan(deadline);
        assertThat(result.replaced()).containsExactly(PciAddress.parse("0000:05:00.0"));
        assertThat(result.removed()).containsExactly(PciAddress.parse("0000:06:00.0"));
        assertThat(session.calls).as("the core hears of the change alone")
                .anySatisfy(call -> assertThat(call)
                        .matches("changed -\\[0000:05:00.0#1281, 0000:06:00.0#1537] \\+\\[0000:05:00.0#65537]"));

        bus.removeHost(host);
        assertThat(bus.devices()).isEmpty();
        assertThat(framework.context().getServiceReferences(PciDevice.class, null)).isEmpty();
        assertThat(session.defects).isEmpty();
        bus.close();
        framework.close();
    }
}
