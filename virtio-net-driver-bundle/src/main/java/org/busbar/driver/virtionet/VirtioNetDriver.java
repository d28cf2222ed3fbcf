package org.busbar.driver.virtionet;

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
 * Drives virtio-net devices of version 1 (device ID 1041), and transitional ones (1000) through the interface of version 1
 * that they have as well (4.1.2).
 */
@Component(service = PciDriver.class, property = PciDriver.NAME
        + "=virtio-net", configurationPid = "org.busbar.driver.virtionet")
@PciMatch(ids = {"1af4:1041", "1af4:1000"})
@Designate(ocd = VirtioNetConfig.class)
public final class VirtioNetDriver implements PciDriver {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioNetDriver.class);

    private final DriverPools pools;
    private volatile VirtioNetConfig config;

    /** Configuration comes as a map, since a malformed value is not to keep the driver from its devices. */
    @Activate
    public VirtioNetDriver(Map<String, Object> configuration, @Reference DriverPools pools) {
        ConfigValues values = new ConfigValues(configuration);
        config = VirtioNetSettings.read(values);
        this.pools = pools;
        values.problems()
                .forEach(problem -> LOG.error(
                        "malformed configuration org.busbar.driver.virtionet, the default counts: {}",
                        problem));
    }

    /** Starts with values that are known to be correct. */
    public VirtioNetDriver(VirtioNetConfig config, DriverPools pools) {
        this.config = config;
        this.pools = pools;
    }

    /** For devices that are probed from now on; without this method a change would take all of them away. */
    @Modified
    void modified(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        VirtioNetConfig changed = VirtioNetSettings.read(values);
        if (values.problems().isEmpty()) {
            config = changed;
        } else {
            LOG.error("malformed configuration org.busbar.driver.virtionet, the previous one stays in force: {}",
                    String.join("; ", values.problems()));
        }
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, pools).run();
    }
}
