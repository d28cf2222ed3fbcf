package org.busbar.bench.scan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.busbar.bench.tree.DeviceMix;
import org.busbar.device.Deadline;
import org.busbar.device.DriverBinding;
import org.busbar.device.RemovalReason;
import org.busbar.pci.PciDriver;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** The drivers of the measurements, the same as those of the peers: 64 of 16 ids that fit nothing, and one that fits. */
final class Drivers {

    static final int COUNT = 64;
    private static final int IDS = 16;
    /** Trees have no device id from here to 0xe3ff. */
    private static final int UNUSED_DEVICE_IDS = 0xe000;

    private static final int[] VENDORS = {0x8086, 0x144d, 0x15b3, 0x1b36};

    private Drivers() {}

    /** Returns the ids of one of the drivers that fit nothing. */
    static String[] ids(int driver) {
        String[] ids = new String[IDS];
        for (int i = 0; i < IDS; i++) {
            ids[i] = "%04x:%04x".formatted(VENDORS[i % VENDORS.length], UNUSED_DEVICE_IDS + driver * IDS + i);
        }
        return ids;
    }

    /** Registers the drivers that fit nothing. */
    static List<ServiceRegistration<PciDriver>> registerAll(BundleContext context, List<String[]> ids) {
        List<ServiceRegistration<PciDriver>> registered = new ArrayList<>();
        for (int driver = 0; driver < ids.size(); driver++) {
            registered.add(register(context, "bench" + driver, ids.get(driver)));
        }
        return registered;
    }

    /** Registers a driver that fits the marked device alone, by its subsystem. */
    static ServiceRegistration<PciDriver> registerMarked(BundleContext context) {
        return register(
                context,
                "marked",
                "1b36:0010:%04x:%04x".formatted(DeviceMix.MARKED_SUBSYSTEM_VENDOR, DeviceMix.MARKED_SUBSYSTEM_DEVICE));
    }

    private static ServiceRegistration<PciDriver> register(BundleContext context, String name, String... ids) {
        PciDriver driver = device -> new Nothing();
        return context.registerService(
                PciDriver.class,
                driver,
                FrameworkUtil.asDictionary(Map.of(PciDriver.NAME, name, "pci.match.ids", ids)));
    }

    /** What a driver that does nothing has of a device. */
    private record Nothing() implements DriverBinding {

        @Override
        public void quiesce(Deadline deadline) {}

        @Override
        public void close(RemovalReason reason) {}
    }
}
