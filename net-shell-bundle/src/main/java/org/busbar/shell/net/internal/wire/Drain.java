package org.busbar.shell.net.internal.wire;

import java.time.Duration;
import org.busbar.device.Deadline;
import org.busbar.net.NetworkPort;
import org.busbar.net.Packet;
import org.busbar.net.PortQueue;
import org.jspecify.annotations.Nullable;

/** The end of sending: what a queue has accepted leaves before it is closed. */
public final class Drain {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration TURN = Duration.ofMillis(1);

    private final NetworkPort port;
    private final long before;

    /** Begins before the first frame is sent. */
    public Drain(NetworkPort port) {
        this.port = port;
        before = port.statistics().sentFrames();
    }

    /** Waits until so many frames have been sent since, by the port's own count, or until that takes too long. */
    public void await(PortQueue queue, long frames) throws InterruptedException {
        @Nullable
        Packet[] none = new Packet[1];
        Deadline deadline = Deadline.after(PATIENCE);
        while (port.statistics().sentFrames() - before < frames && !deadline.expired()) {
            queue.transmit(none, 0, 0);
            queue.awaitReceive(Deadline.after(TURN)); // what comes meanwhile is nobody's
        }
    }
}
