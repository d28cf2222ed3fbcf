package org.busbar.driver.nic;

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

/** Drives the Intel 82574L gigabit Ethernet controller, in hardware and as the e1000e of virtual machines. */
@Component(service = PciDriver.class, property = PciDriver.NAME + "=nic", configurationPid = "org.busbar.driver.nic")
@PciMatch(ids = "8086:10d3")
@Designate(ocd = NicConfig.class)
public final class NicDriver implements PciDriver {

    private final NicConfig config;
    private final DriverPools pools;

    @Activate
    public NicDriver(NicConfig config, @Reference DriverPools pools) {
        this.config = config;
        this.pools = pools;
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, pools).run();
    }
}
