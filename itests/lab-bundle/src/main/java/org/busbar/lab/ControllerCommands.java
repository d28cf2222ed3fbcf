package org.busbar.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.felix.service.command.Descriptor;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** What is done to NVMe controllers through their driver. */
@Component(service = ControllerCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=controllerid",
    "osgi.command.function=controller",
    "osgi.command.function=reset",
    "osgi.command.function=attach",
    "osgi.command.function=detach"
})
public final class ControllerCommands {

    private static final long DEADLINE_MILLIS = 60_000;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<NvmeController> controllers = new CopyOnWriteArrayList<>();

    @Descriptor("the identifier of a controller in its subsystem")
    public String controllerid(String address) {
        return "controller " + find(address).identity().controllerId();
    }

    @Descriptor("what the driver is doing with a controller")
    public String controller(String address) {
        return find(address).status().toString();
    }

    @Descriptor("reset a controller and start it again")
    public void reset(String address) throws NvmeException, DeviceTimeoutException, InterruptedException {
        find(address).reset(Deadline.afterMillis(DEADLINE_MILLIS));
    }

    @Descriptor("attach a namespace to a controller")
    public void attach(String address, int nsid) throws NvmeException, DeviceTimeoutException, InterruptedException {
        find(address).attach(nsid, Deadline.afterMillis(DEADLINE_MILLIS));
    }

    @Descriptor("detach a namespace from a controller")
    public void detach(String address, int nsid) throws NvmeException, DeviceTimeoutException, InterruptedException {
        find(address).detach(nsid, Deadline.afterMillis(DEADLINE_MILLIS));
    }

    private NvmeController find(String address) {
        return controllers.stream()
                .filter(one -> one.name().equals(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no NVMe controller is driven at " + address));
    }
}
