package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.busbar.pci.Bar;
import org.busbar.pci.ConfigSpace;

/**
 * The ways to an open function's registers and configuration space. They can be ended for good, or for whoever has them now.
 * Thread-safe.
 */
public final class RegisterAccess {

    /** Ways that live and die together. */
    private record Ways(Revocation revocation, ConfigSpace config, VfioBars bars) {

        void end() {
            revocation.revoke();
            bars.close();
        }
    }

    private final DeviceAccess device;
    private final Function<Revocation, ConfigSpace> configuration;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Ways ways;

    /** @param configuration makes a configuration space that obeys a revocation */
    public RegisterAccess(DeviceAccess device, Function<Revocation, ConfigSpace> configuration) {
        this.device = device;
        this.configuration = configuration;
        this.ways = make();
    }

    private Ways make() {
        Revocation revocation = new Revocation(device.address());
        ConfigSpace config = configuration.apply(revocation);
        return new Ways(revocation, config, new VfioBars(device, config, revocation));
    }

    public ConfigSpace config() {
        return ways.config();
    }

    public Bar bar(int index) throws IOException {
        return ways.bars().get(index);
    }

    /** Throws if the function may not be accessed any more. */
    public void check() {
        ways.revocation().check();
    }

    /** Ends access for good. */
    public void revoke() {
        lock.lock();
        try {
            ways.end();
        } finally {
            lock.unlock();
        }
    }

    /** Ends access for whoever has it. Returns false if it has been ended for good. */
    public boolean renew() {
        lock.lock();
        try {
            Ways before = ways;
            if (before.revocation().isRevoked()) {
                return false;
            }
            before.end();
            ways = make();
            return true;
        } finally {
            lock.unlock();
        }
    }
}
