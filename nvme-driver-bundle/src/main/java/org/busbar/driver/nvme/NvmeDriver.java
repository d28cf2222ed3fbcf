package org.busbar.driver.nvme;

import java.util.List;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;

/** Drives NVM Express controllers: class 01 (mass storage), sub-class 08, programming interface 02. */
@Component(service = PciDriver.class, property = PciDriver.NAME + "=nvme", configurationPid = "org.busbar.driver.nvme")
@PciMatch(classes = "010802")
@Designate(ocd = NvmeConfig.class)
public final class NvmeDriver implements PciDriver {

    private final NvmeConfig config;

    /** Those who want to hear of events, as they come and go. */
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<NvmeEventListener> listeners = List.of();

    @Activate
    public NvmeDriver(NvmeConfig config) {
        this.config = config;
        require("ioQueues", config.ioQueues(), 1, 1024);
        require("commandTimeoutMillis", config.commandTimeoutMillis(), 100, 600_000);
    }

    /** The ranges of the metatype bind only those who look at it; a driver that cannot work is not to arrive. */
    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "org.busbar.driver.nvme: " + name + " has to be " + least + " to " + most + ", not " + value);
        }
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, () -> listeners).run();
    }
}
