package org.busbar.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.net.NetworkPort;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The ports that there are, for those who wait for one. Thread-safe. */
@Component(service = NetworkPorts.class, immediate = true)
public final class NetworkPorts {

    /** A port that is on its way out has no name any more. */
    private record Named(String name, NetworkPort port) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Named> ports = new ArrayList<>();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addPort(NetworkPort port) {
        Named named = new Named(port.name(), port);
        change(() -> ports.add(named));
    }

    void removePort(NetworkPort port) {
        change(() -> ports.removeIf(named -> named.port().equals(port)));
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

    /** Returns the port at an address. */
    NetworkPort find(String address) {
        lock.lock();
        try {
            return find(address, null)
                    .orElseThrow(() -> new IllegalArgumentException("no port at " + address + " among " + ports));
        } finally {
            lock.unlock();
        }
    }

    private Optional<NetworkPort> find(String address, @Nullable NetworkPort not) {
        return ports.stream()
                .filter(named -> named.name().startsWith(address) && !named.port().equals(not))
                .map(Named::port)
                .findFirst();
    }

    /** Waits for a port at an address that is another one than before; null if the time is up. */
    @Nullable
    NetworkPort awaitOther(String address, @Nullable NetworkPort before, Deadline deadline)
            throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Optional<NetworkPort> found = find(address, before);
                if (found.isPresent() || deadline.expired()) {
                    return found.orElse(null);
                }
                changed.awaitNanos(deadline.remainingNanos());
            }
        } finally {
            lock.unlock();
        }
    }
}
