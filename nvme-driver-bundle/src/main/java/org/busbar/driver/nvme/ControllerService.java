package org.busbar.driver.nvme;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.ControllerIdentity;
import org.busbar.nvme.ControllerStatus;
import org.busbar.nvme.FormatRequest;
import org.busbar.nvme.NamespaceIdentity;
import org.busbar.nvme.NamespaceSummary;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeEvent;
import org.busbar.nvme.NvmeException;
import org.busbar.nvme.NvmeFeatures;
import org.busbar.nvme.NvmeLogs;
import org.busbar.nvme.NvmePassthrough;

/** What applications see of a controller. Thread-safe. */
final class ControllerService implements NvmeController {

    private final Management management;
    private final Identify identify;
    private final LogReader logs;
    private final FeatureAccess features;
    private final Supplier<NvmePassthrough> passthrough;

    /** @param passthrough gives the way for raw commands, or throws if it is closed */
    ControllerService(
            Management management,
            Identify identify,
            LogReader logs,
            FeatureAccess features,
            Supplier<NvmePassthrough> passthrough) {
        this.management = management;
        this.identify = identify;
        this.logs = logs;
        this.features = features;
        this.passthrough = passthrough;
    }

    /** Service properties. */
    static Map<String, Object> properties(String address, ControllerIdentity identity) {
        return Map.of(
                ADDRESS, address,
                SERIAL, identity.serial(),
                MODEL, identity.model(),
                FIRMWARE, identity.firmware(),
                VERSION, identity.version(),
                SUBSYSTEM, identity.subsystem(),
                CONTROLLER_ID, identity.controllerId());
    }

    @Override
    public String name() {
        return management.name();
    }

    @Override
    public ControllerIdentity identity() {
        return management.identity();
    }

    @Override
    public ControllerStatus status() {
        return management.status();
    }

    @Override
    public List<NvmeEvent> recentEvents() {
        return management.events().latest();
    }

    @Override
    public byte[] identify(int cns, int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        if (cns < 0 || cns > 0xff) {
            throw new IllegalArgumentException("CNS is 0 to 255, not " + cns);
        }
        return identify.page(cns, nsid, deadline);
    }

    @Override
    public List<NamespaceSummary> namespaces(Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        return management.namespaces().list(identity(), identify, deadline);
    }

    @Override
    public NamespaceIdentity namespace(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        NamespaceIdentity active = identify.namespace(nsid, deadline);
        if (active.blocks() == 0 && identity().has(ControllerIdentity.Capability.NAMESPACE_MANAGEMENT)) {
            return identify.allocatedNamespace(nsid, deadline);
        }
        return active;
    }

    @Override
    public void attach(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        management.duties().attach(nsid, deadline);
    }

    @Override
    public void detach(int nsid, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        management.duties().detach(nsid, deadline);
    }

    @Override
    public void format(FormatRequest request, Deadline deadline)
            throws NvmeException, DeviceTimeoutException, InterruptedException {
        management.duties().format(request, deadline);
    }

    @Override
    public void reset(Deadline deadline) throws NvmeException, DeviceTimeoutException, InterruptedException {
        management.reset(deadline);
    }

    @Override
    public NvmeLogs logs() {
        return logs;
    }

    @Override
    public NvmeFeatures features() {
        return features;
    }

    @Override
    public NvmePassthrough passthrough() {
        return passthrough.get();
    }

    @Override
    public String toString() {
        return name();
    }
}
