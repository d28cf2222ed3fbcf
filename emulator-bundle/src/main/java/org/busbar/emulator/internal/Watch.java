package org.busbar.emulator.internal;

import org.busbar.device.Deadline;
import org.busbar.emulator.internal.function.Gate;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostWatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A watch of the rack. */
final class Watch implements HostWatch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long PATIENCE_MILLIS = 10_000;

    private final HostListener listener;
    private final Runnable closed;
    private final Gate gate = new Gate();

    Watch(HostListener listener, Runnable closed) {
        this.listener = listener;
        this.closed = closed;
    }

    @Override
    public String how() {
        return "rack events";
    }

    @Override
    public void close() {
        closed.run();
        if (!gate.close(Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("A listener to changes of the rack has not returned for {} ms", PATIENCE_MILLIS);
        }
    }

    void changed() {
        gate.pass(listener::changed);
    }
}
