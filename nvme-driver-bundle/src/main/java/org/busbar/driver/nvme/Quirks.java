package org.busbar.driver.nvme;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.busbar.pci.PciIds;

/**
 * Controllers that do not do what the specification says, and what this driver does about it. The facts come from the
 * tables that the Linux kernel ({@code drivers/nvme/host/pci.c}) and SPDK ({@code lib/nvme/nvme_quirks.c}) keep in public;
 * only what this driver would trip over is here. Immutable.
 */
final class Quirks {

    /** A deviation. */
    enum Quirk {
        /** CSTS.RDY must not be looked at for 2.3 s after CC.EN has changed, or the controller hangs. */
        SLOW_READY,
        /** Identify knows the controller and a namespace only: namespaces run from 1 to NN, and have no descriptors. */
        NO_NAMESPACE_LIST,
        /** The namespace identification descriptors are garbage, or asking for them hurts. */
        NO_DESCRIPTORS,
        /** NGUID and EUI64 are the same on every specimen: the serial number has to identify the medium. */
        BOGUS_IDENTIFIERS,
        /** Write Zeroes is announced and does not work. */
        NO_WRITE_ZEROES,
        /** CSTS.SHST never says that the shutdown is complete; disabling is all there is. */
        NO_SHUTDOWN_STATUS,
        /** Submission queue entries of 128 bytes, tags shared by all queues, no other way: not this driver's. */
        NOT_NVME
    }

    private record Entry(int vendor, int device, Set<Quirk> quirks) {
        Entry(int vendor, int device, Quirk first, Quirk... others) {
            this(vendor, device, EnumSet.of(first, others));
        }

        boolean fits(PciIds ids) {
            return ids.vendor() == vendor && ids.device() == device;
        }
    }

    private static final List<Entry> TABLE = List.of(
            new Entry(0x1bb1, 0x0100, Quirk.SLOW_READY), // Seagate Nytro
            new Entry(0x1c58, 0x0003, Quirk.SLOW_READY), // HGST SN100
            new Entry(0x1c58, 0x0023, Quirk.SLOW_READY), // WDC SN200
            new Entry(0x1c5f, 0x0540, Quirk.SLOW_READY), // Memblaze PBlaze4
            new Entry(0x144d, 0xa821, Quirk.SLOW_READY), // Samsung PM1725
            new Entry(0x144d, 0xa822, Quirk.SLOW_READY), // Samsung PM1725a
            new Entry(0x8086, 0x5845, Quirk.NO_NAMESPACE_LIST, Quirk.NO_WRITE_ZEROES), // QEMU before 5.2
            new Entry(0x15ad, 0x07f0, Quirk.NO_NAMESPACE_LIST, Quirk.NO_SHUTDOWN_STATUS), // VMware
            new Entry(0x126f, 0x2263, Quirk.NO_DESCRIPTORS, Quirk.BOGUS_IDENTIFIERS), // Silicon Motion SM2263
            new Entry(0x1e4b, 0x1002, Quirk.BOGUS_IDENTIFIERS), // MAXIO MAP1002
            new Entry(0x1e4b, 0x1202, Quirk.BOGUS_IDENTIFIERS), // MAXIO MAP1202
            new Entry(0x1cc1, 0x5350, Quirk.BOGUS_IDENTIFIERS), // ADATA XPG GAMMIX S50
            new Entry(0x106b, 0x2005, Quirk.NOT_NVME)); // Apple T2

    private final Set<Quirk> quirks;

    private Quirks(Set<Quirk> quirks) {
        this.quirks = quirks;
    }

    /** What is known of a controller by its PCI identifiers: it has to be known before the controller says anything. */
    static Quirks of(PciIds ids) {
        Set<Quirk> all = EnumSet.noneOf(Quirk.class);
        for (Entry entry : TABLE) {
            if (entry.fits(ids)) {
                all.addAll(entry.quirks());
            }
        }
        return new Quirks(Collections.unmodifiableSet(all));
    }

    boolean has(Quirk quirk) {
        return quirks.contains(quirk);
    }

    @Override
    public String toString() {
        return quirks.toString();
    }
}
