package org.busbar.pci.internal.vfiouser;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.host.ScanProblem;
import org.busbar.pci.internal.vfiouser.Endpoints.Endpoint;
import org.busbar.pci.internal.vfiouser.Endpoints.Listing;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Devices of other processes. Each endpoint has a keeper; a scan says what the keepers have, and waits for none. */
final class VfioUserHost implements PciHost {

    private static final Logger LOG = LoggerFactory.getLogger(VfioUserHost.class);
    private static final int DOMAIN = 0xf000;
    private static final int BUSES = 0x100;
    private static final int MOST_ENDPOINTS = BUSES * 32;
    private static final Duration STOP = Duration.ofSeconds(10);

    private final Endpoints endpoints;
    private final AtomicReference<@Nullable EndpointWatch> watch = new AtomicReference<>();

    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private VfioUserSettings settings;
    private final Map<String, Keeper> keepers = new TreeMap<>();
    private final Map<String, Endpoint> seen = new HashMap<>();
    /** Addresses are kept for as long as the host is there, so that a device comes back to where it was. */
    private final Map<String, PciAddress> addresses = new HashMap<>();

    private List<ScanProblem> problems = List.of();
    private boolean stopped;

    VfioUserHost(VfioUserSettings settings, OwnDirectories safe) {
        this.settings = settings;
        endpoints = new Endpoints(safe);
    }

    @Override
    public String name() {
        return "vfio-user";
    }

    /** Exchanges the settings: endpoints in directories that are named no more are let go of. */
    void apply(VfioUserSettings now) {
        lock.lock();
        try {
            settings = now;
        } finally {
            lock.unlock();
        }
        EndpointWatch watching = watch.get();
        if (watching != null) {
            watching.directories(now.directories());
        }
        look();
        changed();
    }

    /** Looks for endpoints, and makes or ends keepers. */
    private void look() {
        VfioUserSettings now = settings();
        Listing listing = endpoints.list(now.directories());
        List<Keeper> begun = new ArrayList<>();
        List<Keeper> ended = new ArrayList<>();
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            problems = listing.problems();
            keepers.entrySet().removeIf(entry -> {
                Endpoint known = seen.get(entry.getKey());
                boolean wanted = known != null && now.directories().contains(known.directory());
                boolean there = listing.endpoints().containsKey(entry.getKey());
                // A socket may be taken away while the connection that was made through it goes on.
                boolean over = !wanted || (!there && entry.getValue().function().isEmpty());
                if (over) {
                    ended.add(entry.getValue());
                    seen.remove(entry.getKey());
                }
                return over;
            });
            for (Endpoint endpoint : listing.endpoints().values()) {
                Keeper keeper = keepers.get(endpoint.name());
                Endpoint before = seen.put(endpoint.name(), endpoint);
                if (keeper == null) {
                    make(endpoint, now.patienceMillis(), begun);
                } else if (!endpoint.equals(before)) {
                    keeper.nudge();
                }
            }
        } finally {
            lock.unlock();
        }
        ended.forEach(Keeper::stop);
        begun.forEach(Keeper::start);
    }

    private void make(Endpoint endpoint, long patienceMillis, List<Keeper> begun) {
        PciAddress address = addresses.get(endpoint.name());
        if (address == null) {
            int number = addresses.size() + 1;
            if (number >= MOST_ENDPOINTS) {
                LOG.error("{} is left out: {} endpoints are too many", endpoint.socket(), number);
                return;
            }
            address = new PciAddress(DOMAIN, number % BUSES, number / BUSES, 0);
            addresses.put(endpoint.name(), address);
        }
        Keeper keeper = new Keeper(endpoint.name(), endpoint.socket(), address, patienceMillis, this::changed);
        keepers.put(endpoint.name(), keeper);
        begun.add(keeper);
    }

    private VfioUserSettings settings() {
        lock.lock();
        try {
            return settings;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) {
        look();
        List<HostFunction> functions = new ArrayList<>();
        List<ScanProblem> wrong = new ArrayList<>();
        lock.lock();
        try {
            wrong.addAll(problems);
            for (Keeper keeper : keepers.values()) {
                keeper.function().ifPresent(functions::add);
                keeper.problem().ifPresent(why -> wrong.add(new ScanProblem(keeper.socket().toString(), why)));
            }
        } finally {
            lock.unlock();
        }
        functions.sort(Comparator.comparing(HostFunction::address));
        return previous != null && previous.functions().equals(functions) && previous.problems().equals(wrong)
                ? previous
                : new HostSnapshot(List.copyOf(functions), List.copyOf(wrong));
    }

    @Override
    public HostWatch watch(HostListener listener) {
        EndpointWatch started = new EndpointWatch(listener, this::look, ended -> watch.compareAndSet(ended, null));
        if (!watch.compareAndSet(null, started)) {
            throw new IllegalStateException("the endpoints are watched already");
        }
        started.start(settings().directories());
        return started;
    }

    private void changed(Keeper keeper) {
        EndpointWatch watching = watch.get();
        if (watching != null) {
            watching.changed(keeper.address());
        }
    }

    private void changed() {
        EndpointWatch watching = watch.get();
        if (watching != null) {
            watching.changed();
        }
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        if (!(function instanceof UserFunction own)) {
            throw new IllegalArgumentException(function + " is not of this host");
        }
        return own.open(notices);
    }

    /** Lets go of all endpoints, and waits for that for some seconds. */
    void stop() {
        List<Keeper> all;
        lock.lock();
        try {
            stopped = true;
            all = List.copyOf(keepers.values());
            keepers.clear();
        } finally {
            lock.unlock();
        }
        all.forEach(Keeper::stop);
        for (Keeper keeper : all) {
            try {
                if (!keeper.join(STOP)) {
                    LOG.error("{}: its thread does not end and is left behind", keeper.socket());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
