package org.busbar.emulator.internal;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;

/** The latest accesses that cards have made outside their mappings. */
final class FaultHistory implements EmulatedFunction.FaultLog {

    private static final int KEPT = 1000;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<IommuFault> latest = new ArrayDeque<>();

    @Override
    public void record(IommuFault fault) {
        lock.lock();
        try {
            if (latest.size() == KEPT) {
                latest.removeFirst();
            }
            latest.addLast(fault);
        } finally {
            lock.unlock();
        }
    }

    List<IommuFault> list() {
        lock.lock();
        try {
            return List.copyOf(latest);
        } finally {
            lock.unlock();
        }
    }
}
