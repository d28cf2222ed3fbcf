package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciIds;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.ScanProblem;
import org.busbar.pci.internal.sys.DirectoryCalls;
import org.busbar.pci.internal.sys.Errno;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.Fd;
import org.busbar.pci.internal.sys.FileCalls;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which devices are there. Names and inodes of the device directory tell devices that appeared, vanished or
 * were replaced apart from those that stayed; only what is new is opened. Nothing has changed if two listings of the
 * directory are the same bytes.
 *
 * <p>Can an inode number be given again to another device of the same address, so that a replacement goes unnoticed?
 * Not by sysfs on a 64-bit kernel, which counts 64 bits up. Elsewhere it can; so a uevent that names an address makes it
 * {@linkplain #suspect}, and the next scan reads what the device says it is once more and compares that as well.
 * Thread-safe, one scan at a time.
 */
final class DeviceScanner {

    private static final LinuxFunction[] NONE = {};

    private final Sysfs sysfs;
    private final BiFunction<LinuxFunction.Identity, PciIds, LinuxFunction> maker;
    private final ReentrantLock lock = new ReentrantLock();
    private final IdentityReader identities = new IdentityReader();
    private final byte[] name = new byte[256];

    private DirectoryListing listing = new DirectoryListing();
    private DirectoryListing kept = new DirectoryListing();
    private volatile @Nullable HostSnapshot last;
    private LinuxFunction[] lastFunctions = NONE;
    /** Whether the listing that is kept is the one that led to the last snapshot. */
    private boolean keptIsLast;
    /** Whether an entry could not be read last time, so that it is worth while to try it again. */
    private boolean unread;

    private final ReentrantLock suspectsLock = new ReentrantLock();
    private Set<Long> suspects = new HashSet<>();

    DeviceScanner(Sysfs sysfs, BiFunction<LinuxFunction.Identity, PciIds, LinuxFunction> maker) {
        this.sysfs = sysfs;
        this.maker = maker;
    }

    /** Has the next scan look at the device at an address (its number) even if its inode is the same. */
    void suspect(long key) {
        suspectsLock.lock();
        try {
            suspects.add(key);
        } finally {
            suspectsLock.unlock();
        }
    }

    private Set<Long> takeSuspects() {
        suspectsLock.lock();
        try {
            Set<Long> taken = suspects;
            suspects = new HashSet<>();
            return taken;
        } finally {
            suspectsLock.unlock();
        }
    }

    private boolean takeSuspect(long key) {
        suspectsLock.lock();
        try {
            return suspects.remove(key);
        } finally {
            suspectsLock.unlock();
        }
    }

    /** Scans, see {@link org.busbar.pci.host.PciHost#scan}. */
    HostSnapshot scan(@Nullable HostSnapshot previous) throws IOException {
        lock.lock();
        try (Fd directory = open()) {
            Set<Long> suspected = takeSuspects();
            try {
                listing.read(directory.number(), directory.name());
            } catch (ErrnoException e) {
                suspected.forEach(this::suspect);
                throw e;
            }
            if (previous != null && previous == last && suspected.isEmpty() && isAsKept()) {
                return previous;
            }
            return compare(directory.number(), previous, suspected);
        } finally {
            lock.unlock();
        }
    }

    private boolean isAsKept() {
        return keptIsLast && !unread && listing.sameAs(kept);
    }

    /**
     * Looks at one address, see {@link org.busbar.pci.host.PciHost#look}. Where one look does not settle it, because
     * something cannot be read or another card seems to be there, the whole directory is listed after all.
     */
    HostSnapshot look(HostSnapshot previous, PciAddress address) throws IOException {
        lock.lock();
        try (Fd directory = open()) {
            HostSnapshot now = previous == last ? lookAt(directory.number(), previous, address) : null;
            return now == null ? scan(previous) : now;
        } finally {
            lock.unlock();
        }
    }

    /** Returns null if one look does not settle it. */
    private @Nullable HostSnapshot lookAt(int directory, HostSnapshot previous, PciAddress address) {
        long key = AddressText.key(address);
        int index = SortedFunctions.find(lastFunctions, key);
        long inode = DirectoryCalls.inode(directory, address.toString());
        if (inode == -Errno.ENOENT) {
            takeSuspect(key);
            return conclude(previous, address, SortedFunctions.without(lastFunctions, index));
        }
        boolean replaced = index >= 0 && lastFunctions[index].inode() != inode;
        if (inode < 0 || replaced || !numbersAgree(directory)) {
            return null;
        }
        boolean suspected = takeSuspect(key);
        if (index >= 0 && !suspected) {
            return conclude(previous, address, lastFunctions);
        }
        PciIds ids = identities.read(directory, address);
        if (ids == null || (index >= 0 && !ids.equals(lastFunctions[index].ids()))) {
            suspect(key);
            return null;
        }
        return conclude(previous, address, index >= 0
                ? lastFunctions
                : SortedFunctions.with(lastFunctions, maker.apply(new LinuxFunction.Identity(key, inode), ids)));
    }

    /**
     * Returns whether entries have the same inode numbers when they are looked at singly as when they are listed. Not all
     * file systems are so (overlayfs); a device that a look has found would seem replaced in the next listing.
     */
    private boolean numbersAgree(int directory) {
        return lastFunctions.length > 0
                && DirectoryCalls.inode(directory, lastFunctions[0].address().toString()) == lastFunctions[0].inode();
    }

    private HostSnapshot conclude(HostSnapshot previous, PciAddress address, LinuxFunction[] present) {
        String entry = address.toString();
        List<ScanProblem> problems =
                previous.problems().stream().filter(problem -> !problem.where().equals(entry)).toList();
        if (present.length == lastFunctions.length && problems.size() == previous.problems().size()) {
            return previous;
        }
        HostSnapshot snapshot = new HostSnapshot(List.of((HostFunction[]) present), problems);
        last = snapshot;
        lastFunctions = present;
        keptIsLast = false;
        return snapshot;
    }

    /** Returns what a device said it is when it was found, without looking: reading it may wait for the device's lock. */
    Optional<PciIds> ids(PciAddress address) {
        HostSnapshot known = last;
        List<HostFunction> functions = known == null ? List.of() : known.functions();
        int low = 0;
        int high = functions.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = functions.get(middle).address().compareTo(address);
            if (order == 0) {
                return Optional.of(functions.get(middle).ids());
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** Returns what was found last, or null before the first scan. */
    @Nullable
    HostSnapshot last() {
        return last;
    }

    private Fd open() throws IOException {
        try {
            return FileCalls.open(sysfs.devices().toString(), FileCalls.O_RDONLY | DirectoryCalls.O_DIRECTORY);
        } catch (ErrnoException e) {
            throw new IOException(
                    "cannot list PCI devices: " + e.getMessage() + ". Is sysfs mounted, and is "
                            + sysfs.root() + " its root? Another tree can be given by --sysfs DIR or BUSBAR_SYSFS",
                    e);
        }
    }

    private HostSnapshot compare(int directory, @Nullable HostSnapshot previous, Set<Long> suspected) {
        LinuxFunction[] known = previous == null ? NONE : previous == last ? lastFunctions : functions(previous);
        List<ScanProblem> problems = new ArrayList<>();
        List<LinuxFunction> fresh = new ArrayList<>();
        boolean[] stayed = new boolean[known.length];
        int stayedCount = 0;
        unread = false;
        listing.rewind();
        while (listing.next()) {
            int length = listing.name(name);
            if (isSelfOrParent(length)) {
                continue;
            }
            long key = AddressText.parse(name, 0, length);
            if (key == AddressText.NONE) {
                problems.add(noAddress(length));
                continue;
            }
            int index = SortedFunctions.find(known, key);
            boolean same = index >= 0 && known[index].inode() == listing.inode();
            if (same && !suspected.contains(key)) {
                stayed[index] = true;
                stayedCount++;
                continue;
            }
            PciIds ids = identities.read(directory, name, length);
            if (ids == null) {
                unreadable(length, problems);
            }
            if (same && (ids == null || ids.equals(known[index].ids()))) {
                stayed[index] = true;
                stayedCount++;
            } else if (ids != null) {
                fresh.add(maker.apply(new LinuxFunction.Identity(key, listing.inode()), ids));
            }
        }
        return conclude(previous, known, stayed, stayedCount, fresh, problems);
    }

    private HostSnapshot conclude(
            @Nullable HostSnapshot previous,
            LinuxFunction[] known,
            boolean[] stayed,
            int stayedCount,
            List<LinuxFunction> fresh,
            List<ScanProblem> problems) {
        DirectoryListing older = kept;
        kept = listing;
        listing = older;
        keptIsLast = true;
        if (previous != null
                && stayedCount == known.length
                && fresh.isEmpty()
                && problems.equals(previous.problems())) {
            last = previous;
            lastFunctions = known;
            return previous;
        }
        LinuxFunction[] present = SortedFunctions.merge(known, stayed, stayedCount, fresh);
        HostSnapshot snapshot = new HostSnapshot(List.of((HostFunction[]) present), List.copyOf(problems));
        last = snapshot;
        lastFunctions = present;
        return snapshot;
    }

    private static LinuxFunction[] functions(HostSnapshot snapshot) {
        return snapshot.functions()
                .stream()
                .filter(LinuxFunction.class::isInstance)
                .map(LinuxFunction.class::cast)
                .toArray(LinuxFunction[]::new);
    }

    private boolean isSelfOrParent(int length) {
        return name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'));
    }

    private String entry(int length) {
        return new String(name, 0, length, StandardCharsets.UTF_8);
    }

    private ScanProblem noAddress(int length) {
        String entry = entry(length);
        return new ScanProblem(
                // Not resolved: where file names are ASCII, no path can be made of other ones.
                sysfs.devices() + "/" + entry,
                "is no PCI address (they look like 0000:02:00.0) and is left out; remove it if you made the tree yourself");
    }

    private void unreadable(int length, List<ScanProblem> problems) {
        String entry = entry(length);
        // A device that went while it was looked at is no problem: the next listing does not have it.
        if (Files.exists(sysfs.devices().resolve(entry), LinkOption.NOFOLLOW_LINKS)) {
            unread = true;
            problems.add(new ScanProblem(entry, sysfs.devices() + "/" + identities.problem()));
        }
    }
}
