package org.busbar.shell.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus.RescanResult;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void addressesAndTimesAreTexts() {
        var result = new RescanResult(List.of(PciAddress.parse("0000:02:00.0")), List.of(), List.of(), List.of());
        var event = new DeviceEvent(
                7, Instant.EPOCH, DeviceEvent.Kind.BOUND, new DeviceId("pci", "0000:02:00.0", 3), "nvme", "bound");

        assertThat(Json.of(result)).contains("\"0000:02:00.0\"");
        assertThat(Json.of(event)).contains("\"1970-01-01T00:00:00Z\"", "\"0000:02:00.0#3\"", "\"BOUND\"");
    }
}
