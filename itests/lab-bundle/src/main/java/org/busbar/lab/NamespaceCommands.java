package org.busbar.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.felix.service.command.Descriptor;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.nvme.NvmeController;
import org.busbar.nvme.NvmeException;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Namespaces that come and go, as those see it who use the services. */
@Component(service = NamespaceCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=controllerid",
    "osgi.command.function=attach",
    "osgi.command.function=detach",
    "osgi.command.function=appears",
    "osgi.command.function=disappears"
})
public final class NamespaceCommands {

    private static final long DEADLINE_MILLIS = 30_000;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private final List<NvmeController> controllers = new CopyOnWriteArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<String> names = new CopyOnWriteArrayList<>();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addDevice(BlockDevice device) {
        change(() -> names.add(device.name()));
    }

    void removeDevice(BlockDevice device) {
        change(() -> names.remove(device.name()));
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Descriptor("the identifier of a controller in its subsystem")
    public String controllerid(String address) {
        return "controller " + controller(address).identity().controllerId();
    }

    @Descriptor("attach a namespace to a controller")
    public void attach(String address, int nsid) throws NvmeException, DeviceTimeoutException, InterruptedException {
        controller(address).attach(nsid, Deadline.afterMillis(DEADLINE_MILLIS));
    }

    @Descriptor("detach a namespace from a controller")
    public void detach(String address, int nsid) throws NvmeException, DeviceTimeoutException, InterruptedException {
        controller(address).detach(nsid, Deadline.afterMillis(DEADLINE_MILLIS));
    }

    @Descriptor("wait until a block device is there")
    public String appears(String name) throws InterruptedException {
        return await(name, true);
    }

    @Descriptor("wait until a block device is not there")
    public String disappears(String name) throws InterruptedException {
        return await(name, false);
    }

    private String await(String name, boolean wanted) throws InterruptedException {
        Deadline deadline = Deadline.afterMillis(DEADLINE_MILLIS);
        lock.lock();
        try {
            while (names.contains(name) != wanted) {
                if (deadline.expired()) {
                    throw new IllegalStateException(name + " is " + (wanted ? "not there: " : "still there: ") + names);
                }
                changed.awaitNanos(deadline.remainingNanos());
            }
            return "there are " + names;
        } finally {
            lock.unlock();
        }
    }

    private NvmeController controller(String address) {
        return controllers.stream()
                .filter(one -> one.name().equals(address))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no NVMe controller is driven at " + address));
    }
}
