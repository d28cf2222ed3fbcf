package org.busbar.bench.tree;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Decides which device is at which place, from a seed alone: the device of a given index is the same however many others
 * a tree has.
 *
 * <p>Two fifths are NVMe controllers, three tenths network controllers, the rest bridges and what else a machine has.
 * Places are those of a machine with many ports: {@value #PER_BUS} functions on a bus, {@value #PER_DOMAIN} in a domain.
 */
public final class DeviceMix {

    /**
     * Subsystem vendor ID of a tree's marked device; no other device has it. A driver that names it fits exactly one
     * device.
     */
    public static final int MARKED_SUBSYSTEM_VENDOR = 0x1b5b;

    /** Subsystem ID of a tree's marked device. */
    public static final int MARKED_SUBSYSTEM_DEVICE = 0x0001;

    private static final int PER_BUS = 16;
    private static final int PER_DOMAIN = 256 * PER_BUS;

    private static final List<Model> MODELS = List.of(
            new Model(12, 0x144d, 0xa80a, 0x144d, 0xa801, 0x010802, 0x00, "vfio-pci"),
            new Model(12, 0x8086, 0x0a54, 0x8086, 0x4702, 0x010802, 0x00, "vfio-pci"),
            new Model(10, 0x1b36, 0x0010, 0x1af4, 0x1100, 0x010802, 0x02, "nvme"),
            new Model(6, 0x15b7, 0x5006, 0x15b7, 0x5006, 0x010802, 0x01, "nvme"),
            new Model(12, 0x8086, 0x10d3, 0x8086, 0xa01f, 0x020000, 0x00, "vfio-pci"),
            new Model(10, 0x8086, 0x1572, 0x8086, 0x0007, 0x020000, 0x02, "i40e"),
            new Model(8, 0x15b3, 0x1017, 0x15b3, 0x0091, 0x020000, 0x00, "mlx5_core"),
            new Model(8, 0x1b36, 0x000c, 0x0000, 0x0000, 0x060400, 0x00, "pcieport"),
            new Model(7, 0x8086, 0x2030, 0x0000, 0x0000, 0x060400, 0x07, "pcieport"),
            new Model(5, 0x8086, 0x2922, 0x1af4, 0x1100, 0x010601, 0x02, "ahci"),
            new Model(4, 0x1b36, 0x000d, 0x1af4, 0x1100, 0x0c0330, 0x01, "xhci_hcd"),
            new Model(3, 0x8086, 0x2668, 0x1af4, 0x1100, 0x040300, 0x01, "snd_hda_intel"),
            new Model(3, 0x8086, 0x2930, 0x1af4, 0x1100, 0x0c0500, 0x02, "i801_smbus"));

    private final long seed;
    private final int driverlessPercent;

    /**
     * @param seed any number; equal seeds give equal devices
     * @param driverlessPercent how many of a hundred devices have no kernel driver, 0 to 100
     */
    public DeviceMix(long seed, int driverlessPercent) {
        if (driverlessPercent < 0 || driverlessPercent > 100) {
            throw new IllegalArgumentException("not a percentage: " + driverlessPercent);
        }
        this.seed = seed;
        this.driverlessPercent = driverlessPercent;
    }

    /** Where the device of this index is: domains fill up from 0000, then buses, devices, functions. */
    public static String address(int index) {
        int inDomain = index % PER_DOMAIN;
        int inBus = inDomain % PER_BUS;
        return String.format(
                Locale.ROOT, "%04x:%02x:%02x.%x", index / PER_DOMAIN, inDomain / PER_BUS, inBus / 2, inBus % 2);
    }

    /** The device of this index in its given incarnation: each card that is put in the same place is another. */
    public FakeDevice device(int index, int incarnation) {
        SplittableRandom random = new SplittableRandom(seed * 31 + index * 0x9e3779b97f4a7c15L + incarnation);
        Model model = pick(random);
        boolean driverless = random.nextInt(100) < driverlessPercent;
        return new FakeDevice(
                address(index),
                model.vendor,
                model.device,
                model.subsystemVendor,
                model.subsystemDevice,
                model.classCode,
                model.revision,
                driverless ? "" : model.kernelDriver,
                random.nextInt(2));
    }

    /** A tree's marked device, at this address: an NVMe controller on vfio-pci with a subsystem of its own. */
    public static FakeDevice marked(String address) {
        return new FakeDevice(
                address,
                0x1b36,
                0x0010,
                MARKED_SUBSYSTEM_VENDOR,
                MARKED_SUBSYSTEM_DEVICE,
                0x010802,
                0x02,
                "vfio-pci",
                0);
    }

    private static Model pick(SplittableRandom random) {
        int left = random.nextInt(MODELS.stream().mapToInt(Model::weight).sum());
        for (Model model : MODELS) {
            left -= model.weight;
            if (left < 0) {
                return model;
            }
        }
        throw new AssertionError("weights do not add up");
    }

    private record Model(
            int weight,
            int vendor,
            int device,
            int subsystemVendor,
            int subsystemDevice,
            int classCode,
            int revision,
            String kernelDriver) {}
}
