package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.busbar.device.Deadline;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.internal.sys.EventCalls;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.VfioAbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the kernel has to say about an open device: that it wants it back (again every ten seconds until it has it), and that
 * the device reported an error. Without somebody who listens to the first, the kernel waits in silence.
 */
final class VfioNotifiers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(VfioNotifiers.class);
    private static final long PATIENCE_MILLIS = 2_000;

    private final VfioDevice device;
    private final EventLoop loop;
    private final FunctionNotices notices;
    private final List<Integer> armed = new ArrayList<>();
    private final List<EventLoop.Source> sources = new ArrayList<>();

    private VfioNotifiers(VfioDevice device, EventLoop loop, FunctionNotices notices) {
        this.device = device;
        this.loop = loop;
        this.notices = notices;
    }

    /** Begins to pass on notices. */
    static VfioNotifiers arm(VfioDevice device, EventLoop loop, Presence presence, FunctionNotices notices)
            throws IOException {
        VfioNotifiers notifiers = new VfioNotifiers(device, loop, notices);
        try {
            notifiers.arm(VfioAbi.VFIO_PCI_REQ_IRQ_INDEX, "request", () -> requested(presence, notices));
            notifiers.arm(VfioAbi.VFIO_PCI_ERR_IRQ_INDEX, "error", notifiers::failed);
            return notifiers;
        } catch (IOException | RuntimeException e) {
            notifiers.close();
            throw e;
        }
    }

    private void arm(int irqIndex, String name, Runnable action) throws IOException {
        if (device.vectors(irqIndex) == 0) {
            return;
        }
        Fd counter = EventCalls.eventfd(name + " notifier of " + device.address());
        EventLoop.Source source = new EventLoop.Source(counter, action);
        sources.add(source);
        loop.add(List.of(source));
        device.enableIrqs(irqIndex, counter);
        armed.add(irqIndex);
    }

    /**
     * Somebody wants the device: to take it out, or because it is out already. In both cases the kernel waits for its
     * descriptor to be closed; but a card that is out cannot be given up in order, and waiting for it would be in vain.
     */
    static void requested(Presence presence, FunctionNotices notices) {
        if (presence.isGone()) {
            notices.maybeGone();
        } else {
            notices.ejectRequested();
        }
    }

    private void failed() {
        notices.error("the device reported an error that needs recovery (AER); the kernel's log has the details");
    }

    @Override
    public void close() {
        for (int irqIndex : armed) {
            try {
                device.disableIrqs(irqIndex);
            } catch (IOException e) {
                // Closing the device ends it as well.
                LOG.debug("{}: notifier {} could not be turned off", device.address(), irqIndex, e);
            }
        }
        if (!loop.remove(sources, Deadline.afterMillis(PATIENCE_MILLIS))) {
            LOG.error("{}: a notice is still being passed on:{}", device.address(), loop.stack());
        }
    }
}
