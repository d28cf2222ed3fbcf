package org.busbar.lab;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.felix.service.command.Descriptor;
import org.busbar.block.BlockDevice;
import org.busbar.device.Deadline;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Block devices that come and go, as those see it who use the services. */
@Component(service = ArrivalCommands.class, immediate = true, property = {
    "osgi.command.scope=lab",
    "osgi.command.function=appears",
    "osgi.command.function=disappears"
})
public final class ArrivalCommands {

    private static final long DEADLINE_MILLIS = 30_000;

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
}
