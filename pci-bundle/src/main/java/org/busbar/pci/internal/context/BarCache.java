package org.busbar.pci.internal.context;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.Bar;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.jspecify.annotations.Nullable;

/** The registers of a function that are open, each opened once. Thread-safe. */
final class BarCache {

    private static final int COUNT = 6;

    private final ReentrantLock lock = new ReentrantLock();
    private final PciAddress address;
    private final FunctionHandle handle;
    private final @Nullable Bar[] open = new Bar[COUNT];

    BarCache(PciAddress address, FunctionHandle handle) {
        this.address = address;
        this.handle = handle;
    }

    Bar get(int index) throws IOException {
        if (index < 0 || index >= COUNT) {
            throw new IllegalArgumentException(address + ": base address registers are 0 to 5, not " + index);
        }
        lock.lock();
        try {
            Bar bar = open[index];
            if (bar == null) {
                bar = handle.bar(index);
                open[index] = bar;
            }
            return bar;
        } finally {
            lock.unlock();
        }
    }
}
