package org.busbar.driver.virtionet;

import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Drives virtio-net devices of version 1 (device ID 1041), and transitional ones (1000) through the interface of version 1
 * that they have as well (4.1.2).
 */
@Component(service = PciDriver.class, property = PciDriver.NAME
        + "=virtio-net", configurationPid = "org.busbar.driver.virtionet")
@PciMatch(ids = {"1af4:1041", "1af4:1000"})
@Designate(ocd = VirtioNetConfig.class)
public final class VirtioNetDriver implements PciDriver {

    private final VirtioNetConfig config;
    private final DriverPools pools;

    @Activate
    public VirtioNetDriver(VirtioNetConfig config, @Reference DriverPools pools) {
        this.config = config;
        this.pools = pools;
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, pools).run();
    }
}
