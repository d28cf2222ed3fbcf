package org.busbar.emulator.internal.nic;

import org.busbar.emulator.NicChip;
import org.busbar.emulator.internal.model.ConfigImage;
import org.busbar.emulator.internal.model.MsixLayout;
import org.busbar.pci.BarInfo;
import org.busbar.pci.PciIds;

/**
 * What sets one controller of the family apart from the others, as registers and configuration space show it.
 *
 * @param subsystem subsystem identifier; its vendor is Intel's
 * @param queues receive queues, and transmit queues
 * @param phyIdentifier PHY registers 2 and 3
 * @param eerdDone EERD: the bit that says done
 * @param eerdAddress EERD: where the address begins
 * @param ctrl CTRL after reset
 * @param status STATUS after reset, without link
 */
record Family(
        NicChip chip, int subsystem, int queues, int phyIdentifier, int eerdDone, int eerdAddress, int ctrl,
        int status) {

    private static final int INTEL = 0x8086;
    private static final int VECTORS = 5;
    /** Causes that came with MSI-X: RXQ0, RXQ1, TXQ0, TXQ1 and OTHER. */
    private static final int QUEUE_CAUSES = 0x1f << 20;

    static Family of(NicChip chip) {
        return switch (chip) {
            case I82574L -> new Family(chip, 0xa01f, 2, 0x0141_0cb1, 1 << 1, 2, 0x0018_0249, 0x0000_0681);
            case I82540EM -> new Family(chip, 0x001e, 1, 0x0141_0c20, 1 << 4, 8, 0x0014_0249, 0x0000_0681);
            case I82545EM -> new Family(chip, 0x1001, 1, 0x0141_0c20, 1 << 4, 8, 0x0014_0249, 0x0000_3681);
        };
    }

    /** Whether it is an 82574: with MSI-X, extended descriptors, receive-side scaling and a PCI Express interface. */
    boolean isExpress() {
        return chip == NicChip.I82574L;
    }

    /** Returns the causes that it knows, of those that the 82574 has. */
    int causes() {
        return isExpress() ? -1 : ~QUEUE_CAUSES;
    }

    int vectors() {
        return isExpress() ? VECTORS : 1;
    }

    int device() {
        return chip.device();
    }

    /**
     * Base address registers and capabilities (82574: section 9; 8254x manual: section 4.1), without I/O space and flash.
     */
    ConfigImage configuration() {
        ConfigImage image = new ConfigImage(new PciIds(INTEL, chip.device(), INTEL, subsystem, 0x020000), 0)
                .bar(new BarInfo(0, Reg.SIZE, BarInfo.Kind.MEMORY32, false));
        return switch (chip) {
            case I82574L ->
                image.bar(new BarInfo(3, 0x4000, BarInfo.Kind.MEMORY32, false))
                        .powerManagement(0xc8)
                        .express(0xe0)
                        .msix(0xa0, new MsixLayout(VECTORS, 3, 0, 0x2000));
            case I82540EM -> image.powerManagement(0xdc).interruptPin();
            case I82545EM -> image.powerManagement(0xdc).msi(0xf0).interruptPin();
        };
    }
}
