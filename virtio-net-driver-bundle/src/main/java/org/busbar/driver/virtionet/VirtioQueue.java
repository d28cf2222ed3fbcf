package org.busbar.driver.virtionet;

import java.io.IOException;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.Health;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.RingQueue;
import org.busbar.net.PortQueueOptions.Waiting;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A queue pair of the device, as an application has opened it. A device that breaks the rules is reported, and nothing passes
 * until it has been reset.
 */
final class VirtioQueue extends RingQueue {

    private static final Logger LOG = LoggerFactory.getLogger(VirtioQueue.class);

    private final VirtioPort port;
    private final Health health;
    private final QueuePair pair;
    private final Receiver receiver;
    private final Transmitter transmitter;
    private boolean closed;

    VirtioQueue(
            VirtioPort port,
            DeviceContext context,
            QueueGuard guard,
            Health health,
            QueuePair pair,
            QueuePair.Equipment equipment,
            Waiting waiting) {
        super(port.name(), context, guard, equipment.packets(), equipment.receiver(), equipment.transmitter(),
                pair.received(), port.hasInterrupts(), waiting);
        this.port = port;
        this.health = health;
        this.pair = pair;
        receiver = equipment.receiver();
        transmitter = equipment.transmitter();
    }

    @Override
    public int index() {
        return pair.index();
    }

    /** Lets frames that were handed over leave, and takes the virtqueues away from the device if that can be done. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean leaves = true;
        boolean reusable = true;
        try {
            if (guard().close()) {
                drain();
                leaves = port.stop(pair);
                if (leaves) {
                    packets().detach();
                }
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", port.name(), e);
        } catch (DeviceTimeoutException e) {
            reusable = false;
            health.fail("queue pair " + pair.index() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            reusable = false;
            Thread.currentThread().interrupt();
        } finally {
            if (leaves) {
                guard().leave();
            }
            if (reusable) {
                port.closed(this);
            }
        }
    }

    @Override
    protected void did(int frames) {
        String fault = fault();
        if (fault != null) {
            health.fail(fault);
        }
        guard().did(frames);
    }

    private @Nullable String fault() {
        String fault = receiver.fault();
        if (fault != null) {
            return "receive queue " + pair.index() + ": " + fault;
        }
        fault = transmitter.fault();
        return fault == null ? null : "transmit queue " + pair.index() + ": " + fault;
    }

    @Override
    protected void checkHealth() {
        guard().checkHealth();
    }

    @Override
    protected void arm() {
        receiver.arm();
    }

    @Override
    protected void silence() {
        receiver.silence();
    }

    @Override
    protected boolean linkUp() {
        return port.link().up();
    }

    /** Nothing leaves any more once the device has broken the rules. */
    @Override
    protected boolean allSent() {
        return transmitter.isEmpty() || fault() != null;
    }

    @Override
    protected void release() throws IOException, DeviceTimeoutException, InterruptedException {
        port.requireQueueReset();
        running(false);
        port.spreadAnew();
        port.stop(pair);
    }

    @Override
    protected void restore() throws IOException {
        port.start(pair);
        running(true);
        fill();
        port.spreadAnew();
    }

    // --- for the port, with the owner kept out or being the one that calls

    QueuePair pair() {
        return pair;
    }

    /** Lets the device have buffers, in empty virtqueues. */
    void fill() {
        if (runs()) {
            receiver.start();
        }
    }
}
