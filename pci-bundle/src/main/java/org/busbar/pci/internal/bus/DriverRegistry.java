package org.busbar.pci.internal.bus;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.bus.BusSession;
import org.busbar.pci.PciDriver;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the core which drivers there are. Looks at service properties only and never gets a service.
 *
 * <p>Not a {@code ServiceTracker}: one that is still adding a service when that is unregistered on another thread lets the
 * unregistration return at once. Here it waits until the driver has given up (L7), whoever adds it.
 */
final class DriverRegistry implements ServiceListener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DriverRegistry.class);
    private static final Duration DEPARTURE = Duration.ofMinutes(10);
    private static final String FILTER = "(objectClass=" + PciDriver.class.getName() + ")";

    private final BundleContext context;
    private final Bus bus;
    private final BusSession session;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ServiceReference<?>, Entry> entries = new HashMap<>();

    /** One driver service. It arrives once, and after it has left it never arrives again. */
    private final class Entry {
        private final ReentrantLock order = new ReentrantLock();
        private @Nullable PciBusDriver arrived;
        private CompletableFuture<Void> departure = CompletableFuture.completedFuture(null);
        private boolean left;

        /** Tells the core of the driver as its properties are now; if they changed what it matches, it leaves before. */
        void arrive(PciBusDriver driver) {
            depart(outdated -> !outdated.isSameAs(driver), false);
            order.lock();
            try {
                // Without a bundle it was unregistered, and the entry that saw it leave may be forgotten already.
                if (left || arrived != null || driver.reference().getBundle() == null) {
                    return;
                }
                arrived = driver;
                // The core only records this. Under the lock, so that leaving cannot overtake it.
                session.driverArrived(driver);
            } finally {
                order.unlock();
            }
            driver.problem()
                    .ifPresent(problem -> LOG.warn("driver {} of {} is not used: {}", driver.name(),
                            driver.reference().getBundle(), problem));
        }

        /** Returns when the core has let go of the driver, on whichever thread that was begun. */
        void leave() {
            depart(any -> true, true);
        }

        private void depart(Predicate<PciBusDriver> which, boolean forGood) {
            PciBusDriver leaving = null;
            CompletableFuture<Void> underWay;
            order.lock();
            try {
                left |= forGood;
                underWay = departure;
                if (arrived != null && which.test(arrived)) {
                    leaving = arrived;
                    arrived = null;
                    departure = new CompletableFuture<>();
                    underWay = departure;
                }
            } finally {
                order.unlock();
            }
            if (leaving == null) {
                awaitDeparture(underWay);
                return;
            }
            try {
                session.driverLeft(leaving);
            } finally {
                underWay.complete(null);
            }
        }

        /** The core ends a departure within the deadlines of the policy; the time here is only a last resort. */
        private void awaitDeparture(CompletableFuture<Void> underWay) {
            try {
                Waits.on(underWay, "the core to let go of a driver", Deadline.after(DEPARTURE));
            } catch (DeviceTimeoutException e) {
                LOG.error("a driver leaves while it is still in use", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    DriverRegistry(BundleContext context, Bus bus, BusSession session) {
        this.context = context;
        this.bus = bus;
        this.session = session;
    }

    void open() {
        try {
            context.addServiceListener(this, FILTER);
            context.getServiceReferences(PciDriver.class, null).forEach(this::present);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(FILTER, e);
        }
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        ServiceReference<?> reference = event.getServiceReference();
        if (!reference.isAssignableTo(context.getBundle(), PciDriver.class.getName())) {
            return;
        }
        if (event.getType() == ServiceEvent.UNREGISTERING) {
            gone(reference);
        } else {
            @SuppressWarnings("unchecked") // the filter lets only these through
            ServiceReference<PciDriver> driver = (ServiceReference<PciDriver>) reference;
            present(driver);
        }
    }

    private void present(ServiceReference<PciDriver> reference) {
        if (reference.getBundle() == null) {
            return;
        }
        PciBusDriver driver = new PciBusDriver(context, bus, reference);
        entry(reference).arrive(driver);
    }

    /** A driver may leave before its arrival is seen here: its entry stays, so that the late arrival finds it left. */
    private void gone(ServiceReference<?> reference) {
        entry(reference).leave();
    }

    private Entry entry(ServiceReference<?> reference) {
        lock.lock();
        try {
            entries.keySet().removeIf(known -> known.getBundle() == null);
            return entries.computeIfAbsent(reference, unknown -> new Entry());
        } finally {
            lock.unlock();
        }
    }

    /** Stops listening. The session's end removes the bindings. */
    @Override
    public void close() {
        context.removeServiceListener(this);
    }
}
