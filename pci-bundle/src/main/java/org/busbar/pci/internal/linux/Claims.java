package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.OpenException.Reason;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes devices that a rule names from their kernel drivers when they are opened, and gives them back when the rule goes
 * or Busbar stops. A device that no rule names is never written to. Thread-safe; works on one IOMMU group at a time,
 * because the kernel does not let a group be shared between its drivers and a program.
 */
final class Claims {

    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);

    private final Sysfs sysfs;
    private final KernelBinding kernel;
    private final ClaimLedger ledger;
    private final Obstacles obstacles;
    private final GiveBackRounds rounds;
    private final Map<Integer, ReentrantLock> groupLocks = new ConcurrentHashMap<>();
    /** Functions that are open: twice for a moment if one is opened again while its last closing is being noted. */
    private final List<Open> open = new CopyOnWriteArrayList<>();
    private volatile ClaimRules rules = ClaimRules.NONE;
    private volatile Obstacles.Identities known;

    private record Open(PciAddress address, int group) {}

    Claims(Sysfs sysfs, KernelBinding kernel, ClaimLedger ledger) {
        this(sysfs, kernel, ledger, FIRST_RETRY);
    }

    /** @param retry how long to wait before something that could not be given back is given back again */
    Claims(Sysfs sysfs, KernelBinding kernel, ClaimLedger ledger, Duration retry) {
        this.rounds = new GiveBackRounds(this::giveBackUnnamed, retry);
        this.sysfs = sysfs;
        this.kernel = kernel;
        this.ledger = ledger;
        this.known = kernel::ids;
        this.obstacles = new Obstacles(sysfs, address -> known.ids(address));
    }

    /** Says who knows what devices are without looking; until then they are asked. */
    void identifyBy(Obstacles.Identities scanned) {
        known = scanned;
    }

    /** Returns why a function cannot be opened at present, as far as can be told without trying. */
    Optional<Obstacles.Obstacle> obstacle(LinuxFunction function) {
        return obstacles.find(function, rules);
    }

    /** Returns whether a function is open. */
    boolean isOpen(PciAddress address) {
        return find(address).isPresent();
    }

    /** Sets the rules, and gives back what no rule names any more, unless it is open: then when it is closed. */
    void rules(ClaimRules newRules) {
        rules = newRules;
        CompletableFuture<?>[] groups = ledger.all()
                .stream()
                .map(ClaimLedger.Entry::group)
                .distinct()
                .map(rounds::request)
                .toArray(CompletableFuture<?>[]::new);
        if (!Joiner.await(CompletableFuture.allOf(groups), PATIENCE)) {
            LOG.warn("What is to be given back is not yet given back after {} s; it goes on", PATIENCE.toSeconds());
        }
    }

    /**
     * Puts a function on vfio-pci if it is not there already, and with it those of its group that rules name.
     *
     * @return its IOMMU group
     * @throws OpenException if that is not possible: then everything is as it was
     */
    int take(LinuxFunction function) throws OpenException {
        int group = group(function);
        ReentrantLock lock = lock(group);
        if (!tryLock(lock)) {
            throw new OpenException(Reason.BUSY, "IOMMU group " + group + " is being claimed or given back by another"
                    + " thread, which did not finish within " + PATIENCE.toSeconds() + " s");
        }
        try {
            // Only now, when nobody else of this process changes what is looked at.
            Obstacles.throwIf(obstacle(function));
            return takeLocked(function, group);
        } finally {
            lock.unlock();
        }
    }

    private int takeLocked(LinuxFunction function, int group) throws OpenException {
        try {
            for (PciAddress member : sysfs.groupMembers(function.address())) {
                if (member.equals(function.address()) || obstacles.isKernelOwned(member)) {
                    toVfio(member, group, function.address());
                }
            }
            open.add(new Open(function.address(), group));
            return group;
        } catch (IOException e) {
            boolean unused = !isOpen(group);
            giveBackLocked(group, entry -> unused);
            throw failure(function, e);
        }
    }

    private int group(LinuxFunction function) throws OpenException {
        OptionalInt group = function.iommuGroup();
        if (group.isEmpty()) {
            Obstacles.throwIf(obstacle(function));
        }
        return group.orElseThrow(() -> gone(function, null));
    }

    private void toVfio(PciAddress address, int group, PciAddress wanted) throws IOException {
        Optional<String> driver = sysfs.kernelDriver(address);
        if (driver.filter(KernelBinding.VFIO_PCI::equals).isPresent()) {
            return;
        }
        // Since obstacles were looked for a kernel driver may have come, and since the last scan another card.
        Optional<PciIds> ids = kernel.ids(address);
        if (ids.isEmpty() || !rules.names(address, ids.get())) {
            throw new OpenException(address.equals(wanted) ? Reason.NOT_CLAIMED : Reason.GROUP_SHARED,
                    "cannot claim " + wanted + ": " + driver.map(name -> "kernel driver " + name).orElse("nobody")
                            + " has " + address + " now, which no claim rule names; add it to claims in "
                            + Obstacles.CONFIG);
        }
        if (!kernel.vfioPresent()) {
            throw new IOException("the kernel has no vfio-pci driver loaded: modprobe vfio-pci");
        }
        remember(address, group, driver.orElse(""));
        LOG.info("Claiming {} from {}", address, driver.map(name -> "kernel driver " + name).orElse("nobody"));
        kernel.toVfio(address);
    }

    /**
     * Writes down where a device has to go back to. What is written down stays: if an earlier claim, or its end, stopped
     * halfway, the device is found as that left it, and not as it was.
     */
    private void remember(PciAddress address, int group, String driver) throws IOException {
        long inode = sysfs.inode(address);
        if (ledger.get(address).filter(entry -> entry.inode() == inode).isPresent()) {
            return;
        }
        String override = kernel.override(address);
        boolean ours = driver.isEmpty() && override.equals(KernelBinding.VFIO_PCI);
        ledger.add(new ClaimLedger.Entry(address, inode, group, driver, ours ? "" : override));
    }

    /**
     * To be called when the kernel has let go of a function that was taken, or it could not be opened after all. Returns at
     * once; completes when it has been tried to give back what is to be given back.
     */
    CompletableFuture<Void> release(PciAddress address) {
        Optional<Open> closed = find(address);
        closed.ifPresent(open::remove);
        return closed.isPresent() ? rounds.request(closed.get().group()) : CompletableFuture.completedFuture(null);
    }

    private Optional<Open> find(PciAddress address) {
        return open.stream().filter(function -> function.address().equals(address)).findFirst();
    }

    private boolean isOpen(int group) {
        return open.stream().anyMatch(function -> function.group() == group);
    }

    /** Gives back all that is not open. */
    void stop() {
        rules(ClaimRules.NONE);
        rounds.stop();
        List<PciAddress> left = open.stream().map(Open::address).toList();
        if (!left.isEmpty()) {
            LOG.warn("{} still open: given back when closed, or else when Busbar starts again", left);
        }
    }

    /** Returns whether all is given back that may be. */
    private boolean giveBackUnnamed(int group) {
        ReentrantLock lock = lock(group);
        if (!tryLock(lock)) {
            LOG.warn("IOMMU group {} is busy: what is to be given back of it is given back the next time", group);
            return false;
        }
        try {
            ClaimRules current = rules;
            return isOpen(group) || giveBackLocked(group, entry -> !isNamed(entry, current));
        } finally {
            lock.unlock();
        }
    }

    private boolean isNamed(ClaimLedger.Entry entry, ClaimRules current) {
        PciAddress address = entry.address();
        // After a crash, rules are set before the first scan.
        Optional<PciIds> ids = known.ids(address).or(() -> kernel.ids(address));
        return ids.isPresent() && current.names(address, ids.get());
    }

    private boolean giveBackLocked(int group, Predicate<ClaimLedger.Entry> which) {
        boolean all = true;
        for (ClaimLedger.Entry entry : ledger.all()) {
            if (entry.group() == group && which.test(entry)) {
                all &= giveBack(entry);
            }
        }
        return all;
    }

    private boolean giveBack(ClaimLedger.Entry entry) {
        PciAddress address = entry.address();
        try {
            if (sysfs.inode(address) == entry.inode()) {
                kernel.restore(address, entry.driver(), entry.override());
                LOG.info("Gave {} back to {}", address,
                        entry.driver().isEmpty() ? "nobody" : "kernel driver " + entry.driver());
            }
            ledger.remove(address);
            return true;
        } catch (IOException e) {
            if (!Files.exists(sysfs.device(address))) {
                ledger.remove(address);
                return true;
            }
            LOG.error("Cannot give {} back to kernel driver '{}'; it is tried again, at the latest when Busbar starts",
                    address, entry.driver(), e);
            return false;
        }
    }

    private OpenException failure(LinuxFunction function, IOException e) {
        if (e instanceof OpenException refusal) {
            return refusal;
        }
        if (!Files.exists(sysfs.device(function.address()))) {
            return gone(function, e);
        }
        if (e instanceof AccessDeniedException) {
            return new OpenException(Reason.PERMISSION, "this process may not take " + function.address()
                    + " from its kernel driver (cannot write " + e.getMessage() + "). Start Busbar as root; or put the"
                    + " device on vfio-pci beforehand, chown its /dev/vfio/" + groupText(function) + " to this user and"
                    + " set useVfioBound=true in " + Obstacles.CONFIG, e);
        }
        return new OpenException(Reason.FAILED, "cannot claim " + function.address() + ": " + e.getMessage(), e);
    }

    private static String groupText(LinuxFunction function) {
        return function.iommuGroup().isPresent() ? Integer.toString(function.iommuGroup().getAsInt()) : "GROUP";
    }

    private static OpenException gone(LinuxFunction function, @Nullable IOException cause) {
        String message = function.address() + " is not there any more";
        return cause == null
                ? new OpenException(Reason.GONE, message)
                : new OpenException(Reason.GONE, message, cause);
    }

    private ReentrantLock lock(int group) {
        return groupLocks.computeIfAbsent(group, number -> new ReentrantLock());
    }

    private static boolean tryLock(ReentrantLock lock) {
        try {
            return lock.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
