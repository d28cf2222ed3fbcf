package org.busbar.pci.internal.bus;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
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
        private boolean left;

        /** Tells the core of the driver as its properties are now; if they changed what it matches, it leaves before. */
        void arrive(PciBusDriver driver) {
            PciBusDriver outdated = arrived();
            if (outdated != null && !outdated.isSameAs(driver) && forget(outdated)) {
                session.driverLeft(outdated);
            }
            order.lock();
            try {
                if (left || arrived != null) {
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

        void leave() {
            PciBusDriver leaving;
            order.lock();
            try {
                left = true;
                leaving = arrived;
                arrived = null;
            } finally {
                order.unlock();
            }
            if (leaving != null) {
                session.driverLeft(leaving);
            }
        }

        private @Nullable PciBusDriver arrived() {
            order.lock();
            try {
                return arrived;
            } finally {
                order.unlock();
            }
        }

        private boolean forget(PciBusDriver outdated) {
            order.lock();
            try {
                boolean still = arrived == outdated;
                if (still) {
                    arrived = null;
                }
                return still;
            } finally {
                order.unlock();
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
