package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The machine's own PCI bus. */
final class LinuxPciHost implements PciHost {

    private static final Logger LOG = LoggerFactory.getLogger(LinuxPciHost.class);
    private static final HostSnapshot EMPTY = new HostSnapshot(List.of(), List.of());

    private final Sysfs sysfs;
    private final boolean enabled;
    private final boolean live;
    private final Claims claims;
    private final FunctionOpener opener;
    private final DeviceScanner scanner;
    private final PulledCards pulled = new PulledCards(this::handle);
    private final Ejections ejections = new Ejections(this::isOnVfio);
    private final Map<PciAddress, Opened> opened = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Watching> watching = new AtomicReference<>();
    private volatile @Nullable LinuxWatch watch;
    private volatile Duration pollInterval;
    private volatile String rejected = "";

    /**
     * A function that is open.
     *
     * @param askedBack whether it is to be closed because no rule allows it any more
     */
    private record Opened(
            LinuxFunction function, FunctionOpener.Handle handle, FunctionNotices notices, AtomicBoolean askedBack) {

        Opened(LinuxFunction function, FunctionOpener.Handle handle, FunctionNotices notices) {
            this(function, handle, notices, new AtomicBoolean());
        }

        void askBack(String why) {
            askedBack.set(true);
            notices.withdrawn("it may not be used any more: " + why);
        }

        /** Ends what {@link #askBack} began: the card is not taken out, it is only not to be used. */
        void stay() {
            if (askedBack.getAndSet(false)) {
                notices.ejectCancelled();
            }
        }
    }

    /** Who watches; the watch itself is not needed here. */
    private record Watching(HostListener listener) {}

    /**
     * @param live whether there are devices behind the tree, so that they can be opened
     * @param opener opens what is on vfio-pci
     */
    LinuxPciHost(Sysfs sysfs, HostSettings settings, boolean live, Claims claims, FunctionOpener opener) {
        this.sysfs = sysfs;
        this.enabled = settings.enabled();
        this.live = live;
        this.claims = claims;
        this.opener = opener;
        this.pollInterval = settings.pollInterval();
        this.scanner = new DeviceScanner(
                sysfs, (identity, ids) -> new LinuxFunction(sysfs, this::unavailable, identity, ids));
        claims.identifyBy(scanner::ids);
    }

    /** Applies settings that may change while it runs: rules and poll interval. */
    void apply(HostSettings settings) {
        rejected = "";
        pollInterval = settings.pollInterval();
        LinuxWatch started = watch;
        if (started != null) {
            started.pollEvery(settings.pollInterval());
        }
        Map<PciAddress, Optional<String>> before = new HashMap<>();
        opened.forEach((address, open) -> before.put(address, unavailable(open.function())));
        if (live) {
            claims.rules(settings.rules());
        }
        opened.forEach((address, open) -> askBack(open, before.getOrDefault(address, Optional.empty())));
        lookAgain();
    }

    private void lookAgain() {
        Watching who = watching.get();
        if (who != null) {
            // Which functions a rule concerned is not kept: all are looked at again, which is quick.
            known().forEach(function -> who.listener().availabilityChanged(function.address()));
        }
    }

    /** Has an open function given back if no rule allows it any more, and takes that back if one does again. */
    private void askBack(Opened open, Optional<String> before) {
        Optional<String> now = unavailable(open.function());
        if (now.isPresent() && before.isEmpty()) {
            open.askBack(now.get());
        } else if (now.isEmpty()) {
            open.stay();
        }
    }

    /**
     * Takes note of settings that are malformed.
     *
     * @param why what is malformed, and what would be correct
     * @param inForce what is in force instead
     */
    void reject(String why, String inForce) {
        rejected = why;
        LOG.error("malformed configuration {}, {}: {}", Obstacles.CONFIG, inForce, why);
        lookAgain();
    }

    private List<HostFunction> known() {
        HostSnapshot snapshot = scanner.last();
        return snapshot == null ? List.of() : snapshot.functions();
    }

    @Override
    public String name() {
        return "linux";
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) throws IOException {
        return enabled ? pulled.scan(previous, scanner::scan) : EMPTY;
    }

    @Override
    public HostSnapshot look(HostSnapshot previous, PciAddress address) throws IOException {
        return enabled
                ? pulled.scan(previous, seen -> seen == null ? scanner.scan(null) : scanner.look(seen, address))
                : EMPTY;
    }

    @Override
    public HostWatch watch(HostListener listener) {
        Watching mine = new Watching(listener);
        if (!watching.compareAndSet(null, mine)) {
            throw new IllegalStateException("this machine's PCI bus is watched already");
        }
        if (!enabled) {
            return new DisabledWatch(() -> watching.compareAndSet(mine, null));
        }
        LinuxWatch started = LinuxWatch.start(
                sysfs, listener, scanner, ejections, pollInterval, () -> watching.compareAndSet(mine, null));
        watch = started;
        started.pollEvery(pollInterval); // which may have changed before the watch could be told
        return started;
    }

    private Optional<String> unavailable(LinuxFunction function) {
        return obstacle(function).map(obstacle -> rejected.isEmpty() || obstacle.reason() != Reason.NOT_CLAIMED
                ? obstacle.text()
                : obstacle.text() + " (the file there now is malformed: " + rejected + ")");
    }

    private Optional<Obstacles.Obstacle> obstacle(LinuxFunction function) {
        return live ? claims.obstacle(function) : notLive();
    }

    private Optional<Obstacles.Obstacle> notLive() {
        if (!live) {
            return Optional.of(new Obstacles.Obstacle(Reason.FAILED, sysfs.root()
                    + " is not this kernel's sysfs but a tree like it, with no device behind it; scan /sys to drive"
                    + " devices"));
        }
        return Optional.empty();
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        if (!(function instanceof LinuxFunction own)) {
            throw new IllegalArgumentException(function + " is not of this host");
        }
        Obstacles.throwIf(notLive());
        int group = claims.take(own);
        boolean done = false;
        try {
            FunctionOpener.Handle handle = opener.open(own, group, watched(own, notices));
            Opened mine = new Opened(own, handle, notices);
            opened.put(own.address(), mine);
            done = true;
            // A rule that was withdrawn meanwhile has not found it among those that are open.
            unavailable(own).ifPresent(mine::askBack);
            if (pulled.isSuspect(own)) {
                notices.maybeGone();
            }
            return new ClaimedHandle(handle, () -> closed(mine));
        } finally {
            if (!done) {
                var _ = claims.release(own.address());
            }
        }
    }

    private boolean isOnVfio(PciAddress address) {
        return sysfs.kernelDriver(address).filter(KernelBinding.VFIO_PCI::equals).isPresent();
    }

    private Optional<FunctionOpener.Handle> handle(LinuxFunction function) {
        Opened open = opened.get(function.address());
        return open != null && open.function() == function ? Optional.of(open.handle()) : Optional.empty();
    }

    /** Passes notices on, and has a card that may have been pulled looked at by the next scan. */
    private FunctionNotices watched(LinuxFunction function, FunctionNotices notices) {
        return new FunctionNotices() {
            @Override
            public void ejectRequested() {
                ejections.asked(function, notices);
                notices.ejectRequested();
            }

            @Override
            public void withdrawn(String why) {
                notices.withdrawn(why);
            }

            @Override
            public void ejectCancelled() {
                notices.ejectCancelled();
            }

            @Override
            public void maybeGone() {
                pulled.suspect(function);
                notices.maybeGone();
            }

            @Override
            public void error(String what) {
                notices.error(what);
            }
        };
    }

    private CompletableFuture<Void> closed(Opened closed) {
        PciAddress address = closed.function().address();
        opened.remove(address, closed);
        pulled.forget(closed.function());
        CompletableFuture<Void> released = claims.release(address);
        closed.stay();
        return released;
    }

    /** Gives back what was claimed. */
    void stop() {
        if (live) {
            claims.stop();
        }
    }

    /** Watches nothing. */
    private record DisabledWatch(Runnable whenClosed) implements HostWatch {

        @Override
        public String how() {
            return "off (" + HostSettings.ENABLED_PROPERTY + "=false, or enabled=false in " + Obstacles.CONFIG + ")";
        }

        @Override
        public void close() {
            whenClosed.run();
        }
    }
}
