package org.busbar.driver.virtionet;

import java.io.IOException;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.ProbeException;
import org.busbar.driver.support.Health;
import org.busbar.pci.DmaBuffer;
import org.busbar.pci.PciDeviceContext;

/**
 * Gives the device its virtqueues (4.1.5.1.3), and takes single ones away again where it can be done (2.6.1). For one
 * thread at a time: which virtqueue the registers are about is one of the registers.
 */
final class QueueSetup {

    private static final int MIN_SIZE = 2;
    private static final long RESET_MILLIS = 5_000;

    private final PciDeviceContext context;
    private final Structures structures;
    private final CommonConfig common;
    private final VirtioNetConfig config;
    private final Features features;

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
    QueuePair pair(int index, int vector) throws ProbeException, IOException {
        return new QueuePair(index, make(2 * index, vector), make(2 * index + 1, CommonConfig.NO_VECTOR));
    }

    ControlQueue control(int queue, Health health) throws ProbeException, IOException {
        Virtqueue made = make(queue, CommonConfig.NO_VECTOR);
        return new ControlQueue(context, made, health, context.dma().allocate(ControlQueue.BYTES));
    }

    private Virtqueue make(int queue, int vector) throws ProbeException, IOException {
        common.select(queue);
        int offered = common.queueSize();
        if (offered < MIN_SIZE || offered > 1 << 15) {
            throw new ProbeException("step QUEUES: virtqueue " + queue + " of " + common.queues() + " has room for "
                    + offered + " descriptors, and 2 to 32768 are possible");
        }
        // Split ones need a power of two (2.7), which packed ones can live with.
        int size = Integer.highestOneBit(Math.min(offered, config.ringSize()));
        DmaBuffer memory = context.dma().allocate(Ring.bytes(size));
        Virtqueue made = new Virtqueue(
                queue,
                vector,
                ring(memory, size),
                structures.doorbell(queue, common.queueNotifyOff()));
        announce(made);
        return made;
    }

    private Ring ring(DmaBuffer memory, int size) {
        return Ring.create(features.has(Feature.RING_PACKED), memory, size, features.has(Feature.EVENT_IDX));
    }

    private void announce(Virtqueue queue) throws IOException {
        Ring ring = queue.ring();
        common.select(queue.number());
        common.queueSize(ring.size());
        if (!common.queueVector(queue.vector())) {
            throw new IOException(
                    "virtqueue " + queue.number() + " does not take interrupt vector " + queue.vector());
        }
        common.queueAreas(ring.descriptorArea(), ring.driverArea(), ring.deviceArea());
        common.enableQueue();
    }

    /** Gives the device a virtqueue that was reset, by itself or with the device, anew and empty. */
    void again(Virtqueue queue) throws IOException {
        queue.ring().clear();
        announce(queue);
    }

    /** Takes a virtqueue away (4.1.4.3.1): when this returns the device uses neither it nor the buffers in it. */
    void reset(Virtqueue queue) throws DeviceTimeoutException, InterruptedException {
        common.select(queue.number());
        common.resetQueue();
        context.await(
                "virtqueue " + queue.number() + " to reset (queue_reset = 0)",
                () -> !common.queueResets(),
                Deadline.afterMillis(RESET_MILLIS));
    }
}
