package org.busbar.emulator;

/** The Intel controllers that a {@link Card.Nic} can have. */
public enum NicChip {
    /**
     * 82574L (8086:10d3): PCI Express, five MSI-X vectors, two queues each way with receive-side scaling, extended
     * descriptors.
     */
    I82574L("82574L", 0x10d3),
    /** 82540EM (8086:100e): PCI, one queue each way, an interrupt pin only. */
    I82540EM("82540EM", 0x100e),
    /** 82545EM, copper (8086:100f): PCI-X, one queue each way, one vector by MSI, or the pin. */
    I82545EM("82545EM", 0x100f);

    private final String text;
    private final int device;

    NicChip(String text, int device) {
        this.text = text;
        this.device = device;
    }

    /** Returns its PCI device identifier; the vendor is 8086. */
    public int device() {
        return device;
    }

    /** Returns its name, for example {@code 82574L}. */
    @Override
    public String toString() {
        return text;
    }
}
