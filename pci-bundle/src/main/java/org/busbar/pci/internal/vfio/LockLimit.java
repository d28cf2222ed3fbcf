package org.busbar.pci.internal.vfio;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.busbar.pci.internal.sys.ErrnoException;
import org.busbar.pci.internal.sys.MemoryCalls;

/**
 * How much memory this process may have pinned for devices, all together.
 *
 * @param bytes RLIMIT_MEMLOCK, or a huge number if there is no limit
 * @param used how much of it is in use, if that is known
 * @param exempt whether the limit does not hold for this process
 */
record LockLimit(long bytes, Optional<Long> used, boolean exempt) {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int CAP_IPC_LOCK = 14;

    /** Returns what holds at present. */
    static LockLimit now() {
        return of(limit(), status());
    }

    /** Interprets a limit and the lines of {@code /proc/self/status}. */
    static LockLimit of(long limit, List<String> status) {
        Optional<Long> used = field(status, "VmLck:").map(value -> Long.parseLong(value.split(" ", 2)[0]) << 10);
        boolean privileged = field(status, "CapEff:")
                .map(value -> (Long.parseUnsignedLong(value, 16) >>> CAP_IPC_LOCK & 1) == 1)
                .orElse(false);
        boolean unlimited = limit == MemoryCalls.RLIM_INFINITY;
        return new LockLimit(unlimited ? Long.MAX_VALUE : limit, used, privileged || unlimited);
    }

    /** Returns whether so many bytes are a small part of what may be pinned. */
    boolean isPlentyFor(long size) {
        return exempt || bytes / 32 >= size;
    }

    /** Says which limit was met, and how to raise it. */
    String explain() {
        if (exempt) {
            return "the machine has not that much memory left to pin";
        }
        return "RLIMIT_MEMLOCK is " + text(bytes)
                + used.map(value -> ", of which " + text(value) + " are in use").orElse("")
                + "; raise it with 'ulimit -l KIB' in the shell, LimitMEMLOCK= in a systemd unit, or memlock in"
                + " /etc/security/limits.conf";
    }

    /** Writes a number of bytes as whole MiB or KiB where it is. */
    static String text(long bytes) {
        if (bytes != 0 && bytes % (1 << 20) == 0) {
            return (bytes >> 20) + " MiB";
        }
        return bytes % (1 << 10) == 0 ? (bytes >> 10) + " KiB" : bytes + " bytes";
    }

    private static Optional<String> field(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst();
    }

    private static long limit() {
        try {
            return MemoryCalls.lockableBytes();
        } catch (ErrnoException e) {
            return MemoryCalls.RLIM_INFINITY; // unknown: then nothing is claimed about it
        }
    }

    private static List<String> status() {
        try {
            return Files.readAllLines(STATUS);
        } catch (IOException e) {
            return List.of();
        }
    }
}
