package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.busbar.pci.PciAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was taken from whom, so that it can be given back: on disk before anything is taken, so that it can be given back
 * after a crash as well. Of an earlier boot of the machine nothing is remembered, as nothing of it holds any more.
 * Thread-safe.
 */
final class ClaimLedger {

    private static final Logger LOG = LoggerFactory.getLogger(ClaimLedger.class);
    private static final String BY_HAND = "If a device is on vfio-pci that should not be, clear its driver_override,"
            + " unbind it, and write its address to drivers_probe";
    private static final Pattern TAB = Pattern.compile("\t");
    /** Names of kernel drivers, which become parts of paths: dots alone lead elsewhere. */
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9_.-]+");

    private final @Nullable Path file;
    private final String bootId;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<PciAddress, Entry> entries = new TreeMap<>();

    /**
     * A device that was taken.
     *
     * @param inode inode number of its entry in the device directory: tells it from one that came later
     * @param group its IOMMU group
     * @param driver the kernel driver that had it, or an empty text
     * @param override its driver_override, or an empty text
     */
    record Entry(PciAddress address, long inode, int group, String driver, String override) {}

    private ClaimLedger(@Nullable Path file, String bootId) {
        this.file = file;
        this.bootId = bootId;
    }

    /**
     * Opens the ledger in a file, which need not exist.
     *
     * @param bootId what the kernel calls the present boot
     */
    static ClaimLedger open(Path file, String bootId) {
        ClaimLedger ledger = new ClaimLedger(file, bootId);
        ledger.load(file);
        return ledger;
    }

    /** Returns a ledger that has nowhere to write to, and so lets nothing be taken. */
    static ClaimLedger nowhere() {
        return new ClaimLedger(null, "");
    }

    private void load(Path from) {
        List<String> lines;
        try {
            lines = Files.readAllLines(from);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            LOG.error("Cannot read {}, kept as {}: devices that were claimed before a crash are not given back. {}",
                    from,
                    setAside(from), BY_HAND, e);
            return;
        }
        if (lines.isEmpty() || !lines.getFirst().equals(bootId)) {
            return;
        }
        List<String> bad = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            parse(line).ifPresentOrElse(entry -> entries.put(entry.address(), entry), () -> bad.add(line));
        }
        if (!bad.isEmpty()) {
            LOG.error("{} has lines that cannot be understood: {}. It is kept as {}. {}", from, bad, setAside(from),
                    BY_HAND);
            rewrite();
        }
    }

    /** Moves a file away before it is written over, as it may be the only trace of what was taken. */
    private static Path setAside(Path from) {
        Path aside = from.resolveSibling(from.getFileName() + ".bad");
        try {
            return Files.move(from, aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.error("Cannot move {} to {}", from, aside, e);
            return from;
        }
    }

    private void rewrite() {
        try {
            save();
        } catch (IOException e) {
            LOG.error("Cannot write {}", file, e);
        }
    }

    private Optional<Entry> parse(String line) {
        List<String> words = TAB.splitAsStream(line + "\t.").toList();
        try {
            if (words.size() == 6 && isName(words.get(3)) && isName(words.get(4))) {
                return Optional.of(new Entry(
                        PciAddress.parse(words.get(0)),
                        Long.parseUnsignedLong(words.get(1)),
                        Integer.parseInt(words.get(2)),
                        words.get(3),
                        words.get(4)));
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("A line of the ledger cannot be read", e);
        }
        return Optional.empty();
    }

    private static boolean isName(String driver) {
        return driver.isEmpty() || NAME.matcher(driver).matches();
    }

    /** Writes down that a device is about to be taken. */
    void add(Entry entry) throws IOException {
        lock.lock();
        try {
            Entry before = entries.put(entry.address(), entry);
            boolean saved = false;
            try {
                save();
                saved = true;
            } finally {
                if (!saved) {
                    // Then nothing is taken either.
                    if (before == null) {
                        entries.remove(entry.address());
                    } else {
                        entries.put(entry.address(), before);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes down that a device was given back, or is no more. */
    void remove(PciAddress address) {
        lock.lock();
        try {
            if (entries.remove(address) != null) {
                save();
            }
        } catch (IOException e) {
            // Harmless: a device that is back with its driver is not touched when the ledger is gone through.
            LOG.warn("Cannot write {}", file, e);
        } finally {
            lock.unlock();
        }
    }

    private void save() throws IOException {
        if (file == null) {
            throw new IOException("there is no file to write down what is taken, so that it could be given back after a"
                    + " crash. Set busbar.home, or give the OSGi framework a storage directory");
        }
        StringBuilder text = new StringBuilder(bootId).append('\n');
        for (Entry entry : entries.values()) {
            text.append(entry.address())
                    .append('\t')
                    .append(Long.toUnsignedString(entry.inode()))
                    .append('\t')
                    .append(entry.group())
                    .append('\t')
                    .append(entry.driver())
                    .append('\t')
                    .append(entry.override())
                    .append('\n');
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, text);
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Optional<Entry> get(PciAddress address) {
        lock.lock();
        try {
            return Optional.ofNullable(entries.get(address));
        } finally {
            lock.unlock();
        }
    }

    /** Returns all that is taken at present. */
    List<Entry> all() {
        lock.lock();
        try {
            return new ArrayList<>(entries.values());
        } finally {
            lock.unlock();
        }
    }
}
