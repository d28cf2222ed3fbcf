package org.busbar.driver.nic;

import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.driver.support.QueueGuard;
import org.busbar.driver.support.QueuePackets;
import org.busbar.driver.support.RingQueue;
import org.busbar.net.PortQueueOptions.Waiting;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A queue pair of the controller, as an application has opened it. */
final class NicQueue extends RingQueue {

    private static final Logger LOG = LoggerFactory.getLogger(NicQueue.class);

    private final Queues queues;
    private final QueuePair pair;
    private final ReceiveRing receive;
    private final TransmitRing transmit;
    private final InterruptHandler interrupts;

    NicQueue(
            Queues queues,
            QueuePair pair,
            DeviceContext context,
            QueueGuard guard,
            QueuePackets packets,
            ReceiveRing receive,
            TransmitRing transmit,
            InterruptHandler interrupts,
            Waiting waiting) {
        super(queues.name(), context, guard, packets, receive, transmit, interrupts.received(pair.index()),
                interrupts.present(), waiting);
        this.queues = queues;
        this.pair = pair;
        this.receive = receive;
        this.transmit = transmit;
        this.interrupts = interrupts;
        packets.emptiedBy(this::empty);
    }

    @Override
    public int index() {
        return pair.index();
    }

    /** Stops the rings, once frames that were handed over have left, and gives back the packets in them. */
    @Override
    public void close() {
        try {
            if (guard().close()) {
                drain();
                queues.stop(this);
                packets().detach();
            }
        } catch (DeviceGoneException | IllegalStateException e) {
            LOG.debug("{}: closed after the device has gone", queues.name(), e);
        } catch (DeviceTimeoutException e) {
            LOG.warn("{}: {}; packets that the device may still reach come back when it is given up", queues.name(),
                    e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            guard().leave();
            queues.closed(pair, this);
        }
    }

    @Override
    protected void did(int frames) {
        if (guard().did(frames)) {
            checkRings();
        }
    }

    @Override
    protected void checkHealth() {
        if (guard().checkHealth() && runs()) {
            checkRings();
        }
    }

    private void checkRings() {
        receive.check();
        transmit.check();
    }

    @Override
    protected void arm() {
        interrupts.arm(pair.index());
    }

    /** The interrupt masks itself when it comes. */
    @Override
    protected void silence() {}

    @Override
    protected boolean linkUp() {
        return queues.linkUp();
    }

    @Override
    protected void release() throws DeviceTimeoutException, InterruptedException {
        queues.stop(this);
    }

    @Override
    protected void restore() {
        queues.start(this);
    }

    // --- for the port, with the owner kept out or being the one that calls

    long dropped() {
        return receive.dropped();
    }

    /** Tells the controller of the rings. */
    void setUp() {
        receive.setUp();
        transmit.setUp();
    }

    /** Lets the controller have buffers. */
    void post() {
        receive.post();
    }

    /** Tells the controller that the rings have nothing for it. */
    void quiet() {
        receive.silence();
        transmit.silence();
    }
}
