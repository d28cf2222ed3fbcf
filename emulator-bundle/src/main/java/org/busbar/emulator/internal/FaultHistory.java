package org.busbar.emulator.internal;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.emulator.Rack.IommuFault;
import org.busbar.emulator.internal.function.EmulatedFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest accesses that cards have made outside their mappings; the log gets the 1st, the 10th, the 100th and so on. */
final class FaultHistory implements EmulatedFunction.FaultLog {

    private static final Logger LOG = LoggerFactory.getLogger(FaultHistory.class);
    private static final int KEPT = 1000;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<IommuFault> latest = new ArrayDeque<>();
    private long count;
    private long nextToLog = 1;

    @Override
    public void record(IommuFault fault) {
        long logged = 0;
        lock.lock();
        try {
            count++;
            if (count == nextToLog) {
                logged = count;
                nextToLog *= 10;
            }
            if (latest.size() == KEPT) {
                latest.removeFirst();
            }
            latest.addLast(fault);
        } finally {
            lock.unlock();
        }
        if (logged > 0) {
            LOG.warn("the card in slot {} has reached for memory outside of its mappings: {} of {} bytes at 0x{}; it is"
                    + " number {} of such accesses", fault.slot(), fault.write() ? "write" : "read", fault.length(),
                    Long.toHexString(fault.address()), logged);
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
