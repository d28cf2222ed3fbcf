package org.busbar.lab.compliance;

import java.io.IOException;
import java.util.Map;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/**
 * Drives NVMe controllers for {@link ComplianceCommands} and offers no blocks. There only if it has a configuration, which may be
 * empty, so that it takes no card from the driver that is tested otherwise.
 */
@Component(service = PciDriver.class, property = PciDriver.NAME
        + "=nvme-compliance", configurationPid = "org.busbar.lab.compliance", configurationPolicy = ConfigurationPolicy.REQUIRE)
@PciMatch(classes = "010802")
public final class ComplianceDriver implements PciDriver {

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        try {
            RawController controller = new RawController(context, context.bar(0));
            controller.restart();
            context.publish(RawController.class, controller, Map.of());
            return controller;
        } catch (IOException | DeviceTimeoutException e) {
            throw new ProbeException("cannot start the controller: " + e.getMessage(), e);
        }
    }
}
