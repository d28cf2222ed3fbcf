package org.busbar.example.edu;

import java.io.IOException;
import java.util.Map;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Component;

/** Drives the teaching devices that QEMU has (docs/specs/edu), and offers each to the console: {@code edu:factorial 5}. */
@Component(service = PciDriver.class, property = PciDriver.NAME + "=edu")
@PciMatch(ids = "1234:11e8")
public final class EduDriver implements PciDriver {

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        try {
            EduDevice device = new EduDevice(context);
            device.start();
            context.publish(EduDevice.class, device, Map.of(
                    "osgi.command.scope", "edu",
                    "osgi.command.function", new String[] {"factorial", "echo", "interrupts"}));
            return device;
        } catch (IOException | DeviceTimeoutException e) {
            throw new ProbeException("cannot start: " + e.getMessage(), e);
        }
    }
}
