package org.busbar.driver.nic;

import java.util.Map;
import org.busbar.device.ConfigValues;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.net.driver.DriverPools;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the Intel gigabit Ethernet controllers of {@link Model#ALL}, in hardware and as the e1000 and e1000e of virtual
 * machines.
 */
@Component(service = PciDriver.class, property = PciDriver.NAME + "=nic", configurationPid = "org.busbar.driver.nic")
@PciMatch(ids = {
    "8086:100e", "8086:1015", "8086:1016", "8086:1017", "8086:101e", "8086:100f", "8086:1026", "8086:1010",
    "8086:1079", "8086:10d3", "8086:10f6"
})
@Designate(ocd = NicConfig.class)
public final class NicDriver implements PciDriver {

    private static final Logger LOG = LoggerFactory.getLogger(NicDriver.class);

    private final DriverPools pools;
    private volatile NicConfig config;

    /** Configuration comes as a map, since a malformed value is not to keep the driver from its controllers. */
    @Activate
    public NicDriver(Map<String, Object> configuration, @Reference DriverPools pools) {
        ConfigValues values = new ConfigValues(configuration);
        config = NicSettings.read(values);
        this.pools = pools;
        values.problems()
                .forEach(problem -> LOG.error("malformed configuration org.busbar.driver.nic, the default counts: {}",
                        problem));
    }

    /** Starts with values that are known to be correct. */
    public NicDriver(NicConfig config, DriverPools pools) {
        this.config = config;
        this.pools = pools;
    }

    /** For controllers that are probed from now on; without this method a change would take all of them away. */
    @Modified
    void modified(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        NicConfig changed = NicSettings.read(values);
        if (values.problems().isEmpty()) {
            config = changed;
        } else {
            LOG.error("malformed configuration org.busbar.driver.nic, the previous one stays in force: {}",
                    String.join("; ", values.problems()));
        }
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, pools).run();
    }
}
