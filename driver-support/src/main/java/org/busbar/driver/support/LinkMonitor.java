package org.busbar.driver.support;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.busbar.device.DeviceContext;
import org.busbar.device.DeviceGoneException;
import org.busbar.net.LinkState;
import org.busbar.net.NetworkPort.LinkListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of changes of the link, from a thread of the binding that starts with the first listener. The interrupt
 * says when to look; without one, and in case one was lost, it looks by the clock. Thread-safe.
 */
public final class LinkMonitor {

    private static final Logger LOG = LoggerFactory.getLogger(LinkMonitor.class);

    private final DeviceContext context;
    private final Supplier<LinkState> link;
    private final Gate gate;
    private final long patience;
    private final Signal signal = new Signal();
    private final List<Registration> registrations = new CopyOnWriteArrayList<>();
    private final AtomicBoolean started = new AtomicBoolean();

    /** Compared by identity, so that the same listener can be there twice. */
    private static final class Registration {

        private final LinkListener listener;

        Registration(LinkListener listener) {
            this.listener = listener;
        }
    }

    /**
     * @param link reads the state
     * @param interrupts whether changes bring any
     */
    public LinkMonitor(DeviceContext context, Supplier<LinkState> link, Gate gate, boolean interrupts) {
        this.context = context;
        this.link = link;
        this.gate = gate;
        patience = TimeUnit.MILLISECONDS.toNanos(interrupts ? 2_000 : 200);
    }

    /** Has a listener told, until the handle is closed. */
    public AutoCloseable add(LinkListener listener) {
        Registration registration = new Registration(listener);
        registrations.add(registration);
        if (started.compareAndSet(false, true)) {
            LinkState now = link.get();
            context.executor().execute(() -> watch(now));
        }
        return () -> registrations.remove(registration);
    }

    /** The link may have changed, or the device has gone. */
    public void lookAgain() {
        signal.raise();
    }

    private void watch(LinkState known) {
        LinkState last = known;
        try {
            while (!gate.isGone()) {
                LinkState now = link.get();
                if (!now.equals(last)) {
                    last = now;
                    LOG.info("{}: link {}", context.id(), now);
                    registrations.forEach(registration -> tell(registration.listener, now));
                }
                signal.await(patience);
            }
        } catch (DeviceGoneException e) {
            LOG.debug("{}: no link to watch any more", context.id(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(LinkListener listener, LinkState state) {
        try {
            listener.linkChanged(state);
        } catch (RuntimeException e) {
            LOG.warn("{}: a listener failed to take the news that the link is {}", context.id(), state, e);
        }
    }
}
