package org.busbar.driver.nvme;

import java.util.List;
import java.util.Map;
import org.busbar.device.ConfigValues;
import org.busbar.device.DriverBinding;
import org.busbar.device.ProbeException;
import org.busbar.nvme.NvmeEventListener;
import org.busbar.pci.PciDeviceContext;
import org.busbar.pci.PciDriver;
import org.busbar.pci.PciMatch;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drives NVM Express controllers: class 01 (mass storage), sub-class 08, programming interface 02. */
@Component(service = PciDriver.class, property = PciDriver.NAME + "=nvme", configurationPid = "org.busbar.driver.nvme")
@PciMatch(classes = "010802")
@Designate(ocd = NvmeConfig.class)
public final class NvmeDriver implements PciDriver {

    private static final Logger LOG = LoggerFactory.getLogger(NvmeDriver.class);

    private volatile NvmeConfig config;

    /** Those who want to hear of events, as they come and go. */
    @Reference(policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<NvmeEventListener> listeners = List.of();

    /** Configuration comes as a map, since a malformed value is not to keep the driver from its controllers. */
    @Activate
    public NvmeDriver(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        config = NvmeSettings.read(values);
        values.problems()
                .forEach(problem -> LOG.error("malformed configuration org.busbar.driver.nvme, the default counts: {}",
                        problem));
    }

    NvmeDriver(NvmeConfig config) {
        this.config = config;
    }

    /** For controllers that are probed from now on; without this method a change would take all of them away. */
    @Modified
    void modified(Map<String, Object> configuration) {
        ConfigValues values = new ConfigValues(configuration);
        NvmeConfig changed = NvmeSettings.read(values);
        if (values.problems().isEmpty()) {
            config = changed;
        } else {
            LOG.error("malformed configuration org.busbar.driver.nvme, the previous one stays in force: {}",
                    String.join("; ", values.problems()));
        }
    }

    @Override
    public boolean adopts(String format, int version) {
        return format.equals(Legacy.FORMAT) && version == Legacy.VERSION;
    }

    @Override
    public DriverBinding probe(PciDeviceContext context) throws ProbeException, InterruptedException {
        return new Startup(context, config, () -> listeners).run();
    }
}
