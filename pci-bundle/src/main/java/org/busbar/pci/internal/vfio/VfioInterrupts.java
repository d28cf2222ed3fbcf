package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.device.Deadline;
import org.busbar.pci.InterruptWaiter;
import org.busbar.pci.host.InterruptPort;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioAbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interrupts of a device: MSI-X or, failing that, MSI, and on request that of its pin. Each vector is an event counter
 * that the function's {@link EventLoop} waits for. The kernel masks the pin each time it fires, and it is unmasked once the
 * handler has run.
 */
public final class VfioInterrupts implements InterruptPort {

    private static final Logger LOG = LoggerFactory.getLogger(VfioInterrupts.class);
    private static final long PATIENCE_MILLIS = 5_000;

    private final DeviceAccess device;
    private final EventLoop loop;
    private final int vectorIndex;
    private final int available;
    private final boolean pin;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by {@link #lock}; empty while interrupts are off. Kept until they are off for good. */
    private List<EventLoop.Source> vectors = List.of();
    /** Guarded by {@link #lock}: the kind that is on. */
    private int irqIndex;
    /** Guarded by {@link #lock}: by vector, open or not. */
    private final Map<Integer, VectorWaiter> waiters = new HashMap<>();

    public VfioInterrupts(DeviceAccess device, EventLoop loop) throws IOException {
        this.device = device;
        this.loop = loop;
        int msix = device.vectors(VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX);
        this.vectorIndex = msix > 0 ? VfioAbi.VFIO_PCI_MSIX_IRQ_INDEX : VfioAbi.VFIO_PCI_MSI_IRQ_INDEX;
        this.available = msix > 0 ? msix : device.vectors(VfioAbi.VFIO_PCI_MSI_IRQ_INDEX);
        this.pin = device.vectors(VfioAbi.VFIO_PCI_INTX_IRQ_INDEX) > 0;
    }

    @Override
    public int available() {
        return available;
    }

    @Override
    public void enable(int count, Sink sink) throws IOException {
        if (count < 1 || count > available) {
            throw new IllegalArgumentException(
                    "%s has %d interrupt vectors, not %d".formatted(device.address(), available, count));
        }
        enable(vectorIndex, count, sink);
    }

    @Override
    public boolean hasPin() {
        return pin;
    }

    @Override
    public void enablePin(Sink sink) throws IOException {
        if (!pin) {
            throw new IOException(device.address() + " has no interrupt pin");
        }
        enable(VfioAbi.VFIO_PCI_INTX_IRQ_INDEX, 1, vector -> {
            sink.fired(vector);
            unmaskPin();
        });
    }

    private void unmaskPin() {
        try {
            device.unmaskPin();
        } catch (IOException e) {
            // The device is being closed, or has gone: there are no more interrupts to let through.
            LOG.debug("{}: the interrupt pin stays masked", device.address(), e);
        }
    }

    private void enable(int index, int count, Sink sink) throws IOException {
        lock.lock();
        try {
            if (!vectors.isEmpty()) {
                throw new IllegalStateException("the interrupts of " + device.address() + " are on already");
            }
            List<EventLoop.Source> sources = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    int vector = i;
                    Fd counter = EventCalls.eventfd("interrupt " + vector + " of " + device.address());
                    sources.add(new EventLoop.Source(counter, () -> sink.fired(vector)));
                }
                loop.add(sources);
                turnOn(index, sources);
            } catch (IOException | RuntimeException e) {
                loop.remove(sources, Deadline.afterMillis(PATIENCE_MILLIS));
                throw e;
            }
            vectors = sources;
            irqIndex = index;
        } finally {
            lock.unlock();
        }
    }

    private void turnOn(int index, List<EventLoop.Source> sources) throws IOException {
        Fd[] counters = sources.stream().map(EventLoop.Source::counter).toArray(Fd[]::new);
        int possible = device.enableIrqs(index, counters);
        if (possible > 0) {
            throw new IOException("%s: the machine has only %d interrupt vectors left, not %d"
                    .formatted(device.address(), possible, counters.length));
        }
    }

    @Override
    public Optional<InterruptWaiter> waiter(int vector) {
        lock.lock();
        try {
            // The pin has to be unmasked after each interrupt, which the sink does.
            if (vector >= vectors.size() || irqIndex == VfioAbi.VFIO_PCI_INTX_IRQ_INDEX) {
                return Optional.empty();
            }
            EventLoop.Source source = vectors.get(vector);
            if (!loop.take(source)) {
                return Optional.empty(); // somebody else has it
            }
            VectorWaiter waiter = VectorWaiter.of(loop, source);
            waiters.put(vector, waiter);
            return Optional.of(waiter);
        } catch (ErrnoException e) {
            LOG.warn("{}: vector {} stays with its handler: {}", device.address(), vector, e.getMessage());
            loop.giveBack(vectors.get(vector));
            return Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void disable() {
        List<EventLoop.Source> unwanted;
        List<VectorWaiter> waiting;
        int index;
        lock.lock();
        try {
            unwanted = vectors;
            index = irqIndex;
            waiting = List.copyOf(waiters.values());
            waiters.clear();
        } finally {
            lock.unlock();
        }
        if (unwanted.isEmpty()) {
            return;
        }
        try {
            device.disableIrqs(index);
        } catch (IOException e) {
            // Nothing comes through all the same: the counters go, and closing the device is the end of it.
            LOG.debug("turning the interrupts of {} off failed", device.address(), e);
        }
        loop.exclude(unwanted);
        List<EventLoop.Source> idle = new ArrayList<>(unwanted);
        for (VectorWaiter waiter : waiting) {
            if (!waiter.abandon(Deadline.afterMillis(PATIENCE_MILLIS))) {
                LOG.error("{}: a thread does not come back from waiting for an interrupt", device.address());
                idle.remove(waiter.source()); // its counter stays open: the thread has its number in its hands
            }
        }
        if (!loop.remove(idle, Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{}: an interrupt handler is still running after {} ms:{}",
                    device.address(), PATIENCE_MILLIS, loop.stack());
        }
        forget(unwanted);
    }

    private void forget(List<EventLoop.Source> gone) {
        lock.lock();
        try {
            if (vectors.equals(gone)) {
                vectors = List.of();
            }
        } finally {
            lock.unlock();
        }
    }
}
