package org.busbar.architecture;

/** The package roots of the bundles, as patterns of ArchUnit. */
final class Bundles {

    static final String[] CORE = {"org.busbar.core..", "org.busbar.device..", "org.busbar.block..", "org.busbar.net..",
        "org.busbar.nvme.."};
    static final String PCI = "org.busbar.pci..";
    static final String DRIVERS = "org.busbar.driver..";
    /** No bundle: each driver has a copy of its own. */
    static final String DRIVER_SUPPORT = "org.busbar.driver.support..";
    static final String EMULATOR = "org.busbar.emulator..";
    static final String[] DURABLE = {"org.busbar.volume..", "org.busbar.durable.."};
    static final String PORTS = "org.busbar.port..";
    static final String SHELL = "org.busbar.shell..";
    static final String NVME_SHELL = "org.busbar.shell.nvme..";
    static final String NET_SHELL = "org.busbar.shell.net..";

    private Bundles() {}
}
