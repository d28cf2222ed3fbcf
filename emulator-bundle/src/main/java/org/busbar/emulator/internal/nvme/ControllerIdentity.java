package org.busbar.emulator.internal.nvme;

import java.lang.foreign.MemorySegment;
import org.busbar.emulator.Card;
import org.busbar.emulator.NvmeOptions;
import org.busbar.emulator.NvmeOptions.Feature;
import org.busbar.pci.PciIds;

/** What Identify Controller says (figure 247). */
final class ControllerIdentity {

    static final int CONTROLLER_ID = 1;
    static final String FIRMWARE = "1.0";
    /** Abort commands that may be under way, less one: ACL. */
    static final int ABORT_LIMIT = 3;

    private static final int NAMESPACE_NOTICES = 1 << 8;
    /** Shutdown and start take a second at most, in microseconds: RTD3E and RTD3R. */
    private static final int TRANSITION = 1_000_000;

    private final Card.Nvme card;
    private final PciIds ids;
    private final Namespaces namespaces;

    ControllerIdentity(Card.Nvme card, PciIds ids, Namespaces namespaces) {
        this.card = card;
        this.ids = ids;
        this.namespaces = namespaces;
    }

    void fill(MemorySegment data) {
        NvmeOptions options = card.options();
        Fields.set16(data, 0, ids.vendor());
        Fields.set16(data, 2, ids.subsystemVendor());
        Fields.text(data, 4, 20, card.serial());
        Fields.text(data, 24, 40, "Busbar Emulated NVMe");
        Fields.text(data, 64, 8, FIRMWARE);
        Fields.set8(data, 72, 6);
        Fields.set8(data, 76, options.shared() ? 1 << 1 : 0);
        Fields.set8(data, 77, options.maxTransfer());
        Fields.set16(data, 78, CONTROLLER_ID);
        Fields.set32(data, 80, NvmeRegisters.version(options));
        Fields.set32(data, 84, TRANSITION);
        Fields.set32(data, 88, TRANSITION);
        Fields.set32(data, 92, options.has(Feature.NOTICES) ? NAMESPACE_NOTICES : 0);
        Fields.set8(data, 111, 1);
        Fields.set16(data, 256, adminCommands(options));
        Fields.set8(data, 258, ABORT_LIMIT);
        Fields.set8(data, 259, Events.LIMIT);
        Fields.set8(data, 260, 0x03);
        // Commands Supported, and logs from an offset.
        Fields.set8(data, 261, 0x06);
        Fields.set8(data, 262, ErrorLog.ENTRIES - 1);
        Fields.set8(data, 263, PowerStates.LAST);
        // Vendor specific commands have the usual form, see VendorCommands.
        Fields.set8(data, 264, 1);
        Fields.set16(data, 266, Health.WARNING_TEMPERATURE);
        Fields.set16(data, 268, Health.CRITICAL_TEMPERATURE);
        Fields.set64(data, 280, namespaces.capacity());
        Fields.set64(data, 296, namespaces.unused());
        Fields.set8(data, 512, 0x66);
        Fields.set8(data, 513, 0x44);
        Fields.set32(data, 516, namespaces.max());
        Fields.set16(data, 520, ioCommands(options));
        // VWC: whether there is a cache, and Flush may name all namespaces.
        Fields.set8(data, 525, options.has(Feature.CACHE) ? 0x07 : 0x06);
        Fields.set8(data, 530, 1);
        // OCFS: source ranges of format 0.
        Fields.set16(data, 534, options.has(Feature.COPY) ? 1 : 0);
        // SGLS: any alignment, bit buckets, metadata in a buffer anywhere or described by an SGL.
        Fields.set32(data, 536, options.has(Feature.SGL) ? 0x000b_0001 : 0);
        Fields.text(data, 768, 0, "nqn.2025-01.org.busbar:nvme:" + card.serial());
        PowerStates.describe(data, 2048);
    }

    /** OACS. */
    private static int adminCommands(NvmeOptions options) {
        return (options.has(Feature.FORMAT) ? 1 << 1 : 0)
                | (options.has(Feature.MANAGEMENT) ? 1 << 3 : 0)
                | (options.has(Feature.SHADOW) ? 1 << 8 : 0);
    }

    /** ONCS; bit 4 is Select in Get Features. */
    private static int ioCommands(NvmeOptions options) {
        return (1 << 4)
                | (options.has(Feature.COMPARE) ? 1 : 0)
                | (options.has(Feature.DEALLOCATE) ? 1 << 2 : 0)
                | (options.has(Feature.ZEROES) ? 1 << 3 : 0)
                | (options.has(Feature.VERIFY) ? 1 << 7 : 0)
                | (options.has(Feature.COPY) ? 1 << 8 : 0);
    }
}
