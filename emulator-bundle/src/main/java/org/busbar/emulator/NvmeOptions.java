package org.busbar.emulator;

import java.util.EnumSet;
import java.util.Set;

/**
 * What an NVMe controller offers.
 *
 * @param version2 whether it is of NVMe 2.0 instead of 1.4: with CRTO, and ready independent of media (CC.CRIME)
 * @param maxNamespaces highest namespace identifier (NN), 1 to 4,096
 * @param maxTransfer most that a command transfers, as a power of two of 4 KiB pages (MDTS), 1 to 7
 * @param queues I/O queue pairs that it grants, 1 to 16
 * @param capacity what all namespaces may take together, in bytes of data; 0 for twice what they take at the start
 * @param readyTimeout how long it may take to get ready, in 500 ms (CAP.TO and CRTO), 1 to 255
 * @param without what it does not offer
 * @param shared whether it is one of several controllers that have the same namespaces (CMIC bit 1, NMIC bit 0): cards with
 *     the same serial number that keep their blocks in the same file, and all say so
 */
public record NvmeOptions(
        boolean version2,
        int maxNamespaces,
        int maxTransfer,
        int queues,
        long capacity,
        int readyTimeout,
        Set<Feature> without,
        boolean shared) {

    /** What a controller may go without. */
    public enum Feature {
        /** Compare (bit 0 of ONCS). */
        COMPARE,
        /** Write Zeroes (bit 3 of ONCS). */
        ZEROES,
        /** Dataset Management (bit 2 of ONCS). */
        DEALLOCATE,
        /** Verify (bit 7 of ONCS). */
        VERIFY,
        /** Copy (bit 8 of ONCS). */
        COPY,
        /** Format NVM (bit 1 of OACS). */
        FORMAT,
        /** Namespace Management and Attachment (bit 3 of OACS). */
        MANAGEMENT,
        /** Doorbell Buffer Config (bit 8 of OACS). */
        SHADOW,
        /** SGLs for I/O commands (SGLS). */
        SGL,
        /** Namespace attribute notices (bit 8 of OAES). */
        NOTICES,
        /** The volatile write cache (VWC). */
        CACHE,
        /** The NVM subsystem reset register (CAP.NSSRS). */
        SUBSYSTEM_RESET
    }

    /** A controller of NVMe 1.4 with everything. */
    public static final NvmeOptions DEFAULT = new NvmeOptions(false, 32, 7, 16, 0, 15, Set.of());

    /** A controller that shares nothing. */
    public NvmeOptions(
            boolean version2,
            int maxNamespaces,
            int maxTransfer,
            int queues,
            long capacity,
            int readyTimeout,
            Set<Feature> without) {
        this(version2, maxNamespaces, maxTransfer, queues, capacity, readyTimeout, without, false);
    }

    public NvmeOptions {
        if (maxNamespaces < 1 || maxNamespaces > 4096) {
            throw new IllegalArgumentException("a controller has room for 1 to 4096 namespaces, not " + maxNamespaces);
        }
        if (maxTransfer < 1 || maxTransfer > 7) {
            throw new IllegalArgumentException("a command transfers 2^1 to 2^7 pages, not 2^" + maxTransfer);
        }
        if (queues < 1 || queues > 16) {
            throw new IllegalArgumentException("a controller grants 1 to 16 queue pairs, not " + queues);
        }
        if (capacity < 0) {
            throw new IllegalArgumentException("a capacity is not negative");
        }
        if (readyTimeout < 1 || readyTimeout > 255) {
            throw new IllegalArgumentException("a controller gets ready in 1 to 255 times 500 ms, not " + readyTimeout);
        }
        without = Set.copyOf(without);
    }

    /** Returns whether the controller offers something. */
    public boolean has(Feature feature) {
        return !without.contains(feature);
    }

    /** Returns these options without more features. */
    public NvmeOptions lacking(Feature first, Feature... more) {
        EnumSet<Feature> all = EnumSet.of(first, more);
        all.addAll(without);
        return new NvmeOptions(version2, maxNamespaces, maxTransfer, queues, capacity, readyTimeout, all, shared);
    }

    /** Returns these options of a controller that shares its namespaces with others. */
    public NvmeOptions sharing() {
        return new NvmeOptions(
                version2, maxNamespaces, maxTransfer, queues, capacity, readyTimeout, without, true);
    }
}
