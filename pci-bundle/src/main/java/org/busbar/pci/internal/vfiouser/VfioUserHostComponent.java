package org.busbar.pci.internal.vfiouser;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The vfio-user host as a service: follows the configuration. Without directories it has no devices. */
@Component(service = PciHost.class, configurationPid = "org.busbar.pci.vfiouser")
@Designate(ocd = VfioUserConfig.class)
public final class VfioUserHostComponent implements PciHost {

    private static final Logger LOG = LoggerFactory.getLogger(VfioUserHostComponent.class);

    private final VfioUserHost host;

    /** Starts. Configuration comes as a map, since a malformed value must not take the rest of it away, nor the host. */
    @Activate
    public VfioUserHostComponent(Map<String, Object> configuration) {
        host = new VfioUserHost(read(configuration), OwnDirectories.ofThisUser());
    }

    private static VfioUserSettings read(Map<String, Object> configuration) {
        VfioUserSettings.Reading reading = VfioUserSettings.read(configuration);
        List<String> problems = reading.problems();
        if (!problems.isEmpty()) {
            LOG.error("malformed configuration org.busbar.pci.vfiouser.cfg, what is malformed does not count: {}",
                    String.join("; ", problems));
        }
        return reading.settings();
    }

    /** Follows the configuration. */
    @Modified
    public void modified(Map<String, Object> configuration) {
        host.apply(read(configuration));
    }

    /** Lets go of all endpoints. */
    @Deactivate
    public void deactivate() {
        host.stop();
    }

    @Override
    public String name() {
        return host.name();
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) {
        return host.scan(previous);
    }

    @Override
    public HostWatch watch(HostListener listener) throws IOException {
        return host.watch(listener);
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        return host.open(function, notices);
    }
}
