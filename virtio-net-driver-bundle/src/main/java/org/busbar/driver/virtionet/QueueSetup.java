package org.busbar.driver.virtionet;

import org.busbar.device.ProbeException;
import org.busbar.pci.DmaException;
import org.busbar.pci.PciDeviceContext;

/** Gives the device its virtqueues (4.1.5.1.3). */
final class QueueSetup {

    private static final int MIN_SIZE = 2;

    private final PciDeviceContext context;
    private final Structures structures;
    private final CommonConfig common;
    private final VirtioNetConfig config;
    private final Features features;

    /** A virtqueue and where it is announced. */
    private record Made(Ring ring, Doorbell doorbell) {}

    QueueSetup(
            PciDeviceContext context,
            Structures structures,
            CommonConfig common,
            VirtioNetConfig config,
            Features features) {
        this.context = context;
        this.structures = structures;
        this.common = common;
        this.config = config;
        this.features = features;
    }

    /** Makes the virtqueues of a pair (5.1.2). Interrupts are for what is received; what was sent is looked for. */
    QueuePair pair(int index, int vector) throws ProbeException, DmaException {
        Made receive = queue(2 * index, vector);
        Made transmit = queue(2 * index + 1, CommonConfig.NO_VECTOR);
        return new QueuePair(index, receive.ring(), receive.doorbell(), transmit.ring(), transmit.doorbell());
    }

    ControlQueue control(int queue, Health health) throws ProbeException, DmaException {
        Made made = queue(queue, CommonConfig.NO_VECTOR);
        return new ControlQueue(
                context, made.ring(), made.doorbell(), health, context.dma().allocate(ControlQueue.BYTES));
    }

    private Made queue(int queue, int vector) throws ProbeException, DmaException {
        common.select(queue);
        int offered = common.queueSize();
        if (offered < MIN_SIZE || offered > 1 << 15) {
            throw new ProbeException("step QUEUES: virtqueue " + queue + " of " + common.queues() + " has room for "
                    + offered + " descriptors, and 2 to 32768 are possible");
        }
        // Split ones need a power of two (2.7), which packed ones can live with.
        int size = Integer.highestOneBit(Math.min(offered, config.ringSize()));
        Ring ring = Ring.create(
                features.has(Feature.RING_PACKED),
                context.dma().allocate(Ring.bytes(size)),
                size,
                features.has(Feature.EVENT_IDX));
        common.queueSize(size);
        if (!common.queueVector(vector)) {
            throw new ProbeException("step QUEUES: virtqueue " + queue + " does not take interrupt vector " + vector);
        }
        Doorbell doorbell = structures.doorbell(queue, common.queueNotifyOff());
        common.queueAreas(ring.descriptorArea(), ring.driverArea(), ring.deviceArea());
        common.enableQueue();
        return new Made(ring, doorbell);
    }
}
