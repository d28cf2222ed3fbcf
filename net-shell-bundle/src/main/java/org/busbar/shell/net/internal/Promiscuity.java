package org.busbar.shell.net.internal;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.busbar.net.NetworkPort;
import org.busbar.net.PortFeature;

/**
 * Whether a port receives frames for all stations: as long as somebody needs that, and when the user has set it. The port
 * itself does not tell. Thread-safe.
 */
public final class Promiscuity {

    private final NetworkPort port;
    private final AtomicInteger holders = new AtomicInteger();
    private volatile boolean set;

    Promiscuity(NetworkPort port) {
        this.port = port;
    }

    /**
     * Is needed from now on, until {@link #release}.
     *
     * @return whether it is so; false if the port cannot
     */
    public boolean hold() throws IOException {
        if (!port.features().contains(PortFeature.PROMISCUOUS)) {
            return false;
        }
        port.promiscuous(true);
        holders.incrementAndGet();
        return true;
    }

    /** Is no longer needed by one who has held it. */
    public void release() throws IOException {
        if (holders.decrementAndGet() == 0 && !set) {
            port.promiscuous(false);
            if (holders.get() > 0 || set) { // somebody came meanwhile, and was perhaps overtaken
                port.promiscuous(true);
            }
        }
    }

    /** Is set by the user; what holds it now keeps it. */
    public void set(boolean on) throws IOException {
        set = on;
        port.promiscuous(on || holders.get() > 0);
    }
}
