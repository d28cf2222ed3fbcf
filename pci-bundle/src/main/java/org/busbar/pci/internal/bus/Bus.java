package org.busbar.pci.internal.bus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceEvent;
import org.busbar.device.DeviceId;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.bus.BusSession;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hosts and their functions, kept as the looks at the hosts say. All changes are made by one thread, in the order in
 * which they were found; the core is told in that order.
 */
final class Bus implements AutoCloseable {

    static final String NAME = "pci";

    private static final Logger LOG = LoggerFactory.getLogger(Bus.class);
    private static final Duration HOST_LEAVES_WITHIN = Duration.ofSeconds(30);
    private static final int PROBLEMS_TOLD = 20;

    private final BusSession session;
    private final BundleContext context;
    private final FunctionTable table = new FunctionTable(NAME);
    private final List<AttachedHost> hosts = new CopyOnWriteArrayList<>();
    private final ExecutorService worker = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("busbar-pci").factory());

    Bus(BusSession session, BundleContext context) {
        this.session = session;
        this.context = context;
    }

    FunctionTable table() {
        return table;
    }

    List<AttachedHost> hosts() {
        return hosts;
    }

    /** Makes a host part of the bus and has it looked at. Returns at once. */
    void addHost(PciHost host) {
        AttachedHost attached = new AttachedHost(host, this, new DeviceServices(context, host.name()));
        hosts.add(attached);
        attached.scanner().start();
    }

    /**
     * Takes a host from the bus: its devices are given up in order, as if somebody were about to take them out, and are
     * gone then. A driver that does not give up in time loses its device by surprise.
     */
    void removeHost(PciHost host) {
        AttachedHost leaving = hosts.stream().filter(h -> h.isFor(host)).findFirst().orElse(null);
        if (leaving == null || !hosts.remove(leaving)) {
            return;
        }
        leaving.leave();
        leaving.scanner().close();
        Deadline deadline = Deadline.after(HOST_LEAVES_WITHIN);
        try {
            Waits.on(onWorker(() -> giveUp(leaving)), "drivers to give up devices of "
                    + leaving.name(), deadline);
        } catch (DeviceTimeoutException e) {
            LOG.warn("{} leaves; its devices are taken away by surprise", leaving.name(), e);
        } catch (InterruptedException e) {
            LOG.warn("{} leaves; interrupted, so its devices are taken away by surprise", leaving.name());
            Thread.currentThread().interrupt();
        }
        forget(leaving, deadline);
    }

    private CompletableFuture<Void> giveUp(AttachedHost host) {
        return all(table.of(host)
                .stream()
                .filter(PciFunction::isGranted)
                .map(function -> session.ejectRequested(function.id()))
                .toList());
    }

    private void forget(AttachedHost host, Deadline deadline) {
        CompletableFuture<Void> removed = onWorker(() -> act(table.removeAll(host)).removals());
        try {
            Waits.on(removed, "devices of " + host.name() + " to go", deadline);
        } catch (DeviceTimeoutException e) {
            LOG.error("{} has left, and not all of its devices were given up", host.name(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        host.services().close();
    }

    HostListener listener(AttachedHost host) {
        return new HostListener() {
            @Override
            public void changed() {
                host.scanner().lookAgain();
            }

            @Override
            public void changed(PciAddress address) {
                host.scanner().lookAgain(address);
            }

            @Override
            public void availabilityChanged(PciAddress address) {
                worker.execute(() -> {
                    PciFunction function = table.get(address);
                    if (function != null && function.attachedHost() == host) {
                        session.reevaluate(List.of(function.id()));
                    }
                });
            }
        };
    }

    /** Opens a function for a driver. */
    FunctionHandle open(PciFunction function) throws OpenException {
        AttachedHost host = function.attachedHost();
        DeviceId id = function.id();
        if (host.isLeaving()) {
            throw new OpenException(OpenException.Reason.GONE,
                    function.address() + " cannot be opened: its host " + host.name() + " is leaving");
        }
        return host.host().open(function.source(), new FunctionNotices() {
            @Override
            public void ejectRequested() {
                // The host waits for the handle to be closed, not for this.
                CompletableFuture<Void> _ = session.ejectRequested(id);
            }

            @Override
            public void withdrawn(String why) {
                CompletableFuture<Void> _ = session.ejectRequested(id, why);
            }

            @Override
            public void ejectCancelled() {
                session.ejectCancelled(id);
            }

            @Override
            public void maybeGone() {
                host.scanner().lookAgain(function.address());
            }

            @Override
            public void error(String what) {
                session.deviceFailed(id, what);
            }
        });
    }

    /** Has what a look at a host has found recorded. Returns at once. */
    void found(AttachedHost host, SnapshotDiff diff, int functions, List<String> problems,
            CompletableFuture<ScanOutcome> request) {
        worker.execute(() -> {
            try {
                request.complete(record(host, diff, functions, problems));
            } catch (RuntimeException | Error e) {
                LOG.error("{}: what a scan found could not be recorded", host.name(), e);
                request.completeExceptionally(e);
            }
        });
    }

    private ScanOutcome record(AttachedHost host, SnapshotDiff diff, int functions, List<String> problems) {
        if (host.isLeaving()) {
            return new ScanOutcome(BusChange.NONE, List.of());
        }
        List<String> before = host.problems();
        BusChange change = diff.isEmpty() ? BusChange.NONE : act(table.apply(host, diff));
        host.scanned(functions, problems);
        note(host, change, problems.equals(before) ? List.of() : problems);
        return new ScanOutcome(change, problems.stream().map(p -> host.name() + ": " + p).toList());
    }

    private BusChange act(BusChange change) {
        if (change.isEmpty()) {
            return change;
        }
        List<CompletableFuture<Void>> removals = new ArrayList<>();
        byHost(change.gone()).forEach((host, gone) -> removals.add(host.services().withdraw(gone)));
        removals.add(session.devicesChanged(change.gone().stream().map(PciFunction::id).toList(), change.come()));
        byHost(change.come()).forEach((host, come) -> host.services().publish(come));
        return change.withRemovals(all(removals));
    }

    private void note(AttachedHost host, BusChange change, List<String> newProblems) {
        newProblems.stream().limit(PROBLEMS_TOLD).forEach(problem -> {
            LOG.warn("{}: {}", host.name(), problem);
            session.note(DeviceEvent.Kind.SCAN_PROBLEM, host.name() + ": " + problem);
        });
        if (newProblems.size() > PROBLEMS_TOLD) {
            session.note(DeviceEvent.Kind.SCAN_PROBLEM,
                    host.name() + ": and " + (newProblems.size() - PROBLEMS_TOLD) + " problems more");
        }
        if (!change.isEmpty()) {
            session.note(DeviceEvent.Kind.RESCAN, host.name() + ": " + change);
        }
    }

    /** Completes when every change found so far has been recorded, and all services of devices are registered. */
    CompletableFuture<Void> quiet() {
        return onWorker(() -> all(hosts.stream().map(host -> host.services().published()).toList()));
    }

    /** Ends all looking and all bindings. */
    @Override
    public void close() {
        List<AttachedHost> left = List.copyOf(hosts);
        hosts.clear();
        left.forEach(AttachedHost::leave);
        left.forEach(host -> host.scanner().close());
        session.close();
        CompletableFuture<Void> withdrawn = all(left.stream().map(host -> host.services().withdrawAll()).toList());
        try {
            Waits.on(withdrawn, "the services of devices to be unregistered", Deadline.after(HOST_LEAVES_WITHIN));
        } catch (DeviceTimeoutException e) {
            LOG.warn("somebody holds up the end of PCI device services", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        left.forEach(host -> host.services().close());
        worker.shutdown();
    }

    private CompletableFuture<Void> onWorker(Supplier<CompletableFuture<Void>> work) {
        return CompletableFuture.completedFuture(worker).thenComposeAsync(ignored -> work.get(), worker);
    }

    static CompletableFuture<Void> all(Collection<? extends CompletableFuture<?>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new));
    }

    private static Map<AttachedHost, List<PciFunction>> byHost(List<PciFunction> functions) {
        Map<AttachedHost, List<PciFunction>> byHost = new LinkedHashMap<>();
        functions.forEach(f -> byHost.computeIfAbsent(f.attachedHost(), host -> new ArrayList<>()).add(f));
        return byHost;
    }
}
