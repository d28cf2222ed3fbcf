package org.busbar.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    "osgi.command.function=disappears",
    "osgi.command.function=gaps"
})
public final class ArrivalCommands {

    private static final long DEADLINE_MILLIS = 30_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final Map<String, Long> wentAt = new HashMap<>();
    private final Map<String, List<Long>> gaps = new HashMap<>();
    private final List<String> names = new CopyOnWriteArrayList<>();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addDevice(BlockDevice device) {
        change(() -> {
            names.add(device.name());
            Long since = wentAt.remove(device.name());
            if (since != null) {
                gaps.computeIfAbsent(device.name(), name -> new ArrayList<>()).add((System.nanoTime() - since) / 1_000);
            }
        });
    }

    void removeDevice(BlockDevice device) {
        change(() -> {
            names.remove(device.name());
            wentAt.put(device.name(), System.nanoTime());
        });
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

    @Descriptor("for how many microseconds a block device was not there each time since the last question")
    public String gaps(String name) {
        lock.lock();
        try {
            List<Long> micros = gaps.remove(name);
            return "gaps of " + name + ": " + (micros == null ? List.of() : micros) + " us";
        } finally {
            lock.unlock();
        }
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
