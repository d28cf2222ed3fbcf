package org.busbar.itest.felix;

import java.io.InputStream;
import org.busbar.itest.felix.driver.TestActivator;
import org.busbar.itest.felix.driver.TestDriver;

/**
 * A driver bundle that a test makes.
 *
 * @param name the driver's name; also the last part of the bundle's symbolic name, and the name of its ledger
 * @param ids what it matches, as in {@code pci.match.ids}, with blanks between
 * @param driver class of the driver
 * @param version of the bundle
 * @param ranking of the service
 */
record DriverBundle(String name, String ids, Class<? extends TestDriver> driver, String version, int ranking) {

    /** Vendor and device of the rack's SSDs. */
    static final String SSD = "1b36:0010";

    /** Vendor and device of the rack's NICs. */
    static final String NIC = "8086:10d3";

    private static final String API = "org.busbar.device,org.busbar.pci,org.osgi.framework,";

    static DriverBundle of(String name, String ids, Class<? extends TestDriver> driver) {
        return new DriverBundle(name, ids, driver, "1.0.0", 0);
    }

    DriverBundle version(String other) {
        return new DriverBundle(name, ids, driver, other, ranking);
    }

    DriverBundle ranking(int other) {
        return new DriverBundle(name, ids, driver, version, other);
    }

    String symbolicName() {
        return "org.busbar.itest.driver." + name;
    }

    InputStream open() {
        return BundleJar.named(symbolicName())
                .version(version)
                .imports(API + "org.busbar.device.dto," + Felix.importControl())
                .header("Bundle-Activator", TestActivator.class.getName())
                .header(TestActivator.DRIVER, driver.getName())
                .header(TestActivator.NAME, name)
                .header(TestActivator.IDS, ids)
                .header(TestActivator.RANKING, Integer.toString(ranking))
                .classes(TestActivator.class, TestDriver.class,
                        driver.getDeclaringClass() == null ? driver : driver.getDeclaringClass())
                .open();
    }
}
