package org.busbar.driver.nvme;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.busbar.pci.Dma;
import org.busbar.pci.DmaException;

/**
 * Tells when a binding is over for its controller. Memory goes out of its reach after it was disabled, or was found to be
 * gone, and after bus mastering was turned off; or, if it is handed over, after it has deleted the queues of this binding. So a
 * page that nobody uses, and whose mapping ends like any other, tells.
 * Thread-safe.
 */
final class BindingEnd {

    private final Dma dma;
    /** Set once a page is mapped; two who ask first at the same time may map one each, and both tell. */
    private volatile boolean watching;
    // Guarded by this.
    private final List<Runnable> actions = new ArrayList<>();
    private boolean over;

    BindingEnd(Dma dma) {
        this.dma = dma;
    }

    /** Has an action run once at the end. Returns false if this cannot be told. */
    boolean whenOver(Runnable action) {
        if (!isOver() && !watching && !watch()) {
            return false;
        }
        synchronized (this) {
            if (!over) {
                actions.add(action);
                return true;
            }
        }
        action.run();
        return true;
    }

    private synchronized boolean isOver() {
        return over;
    }

    private boolean watch() {
        long page = dma.pageSize();
        try {
            // Never closed by us: its end is that of the binding.
            var _ = dma.map(Arena.ofAuto().allocate(page, page), this::end);
            watching = true;
            return true;
        } catch (DmaException e) {
            return false; // devices of this host reach only memory of their own
        }
    }

    private void end() {
        List<Runnable> due;
        synchronized (this) {
            over = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }
}
