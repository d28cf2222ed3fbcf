package org.busbar.itest.felix;

import static org.assertj.core.api.Assertions.assertThat;

import org.busbar.pci.PciDriver;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A newer version of a driver's bundle, started beside the one that runs, with its classes linked.
 *
 * @param bundle the bundle
 * @param driver its driver
 */
record Successor(Bundle bundle, ServiceReference<PciDriver> driver) {

    static Successor start(Rig rig, String module, String version) throws BundleException {
        Bundle bundle = rig.context()
                .installBundle("test:" + module + version,
                        BundleJar.copyOf(Felix.jar(module)).version(version).open());
        bundle.start();
        link(bundle);
        Eventually.await("a driver of " + bundle, () -> driverOf(rig, bundle) != null);
        return new Successor(bundle, driverOf(rig, bundle));
    }

    private static ServiceReference<PciDriver> driverOf(Rig rig, Bundle bundle) {
        try {
            return rig.context()
                    .getServiceReferences(PciDriver.class, "(service.bundleid=" + bundle.getBundleId() + ")")
                    .stream()
                    .findFirst()
                    .orElse(null);
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static void link(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        for (String file : wiring.listResources(
                "/", "*.class", BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL)) {
            try {
                var _ = wiring.getClassLoader()
                        .loadClass(file.substring(0, file.length() - ".class".length()).replace('/', '.'))
                        .getDeclaredMethods();
            } catch (ClassNotFoundException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Has it take the device of a slot. */
    void takeOver(Rig rig, int slot) throws Exception {
        // Who has the service keeps its component active: it need not be activated by the probe.
        assertThat(rig.context().getService(driver)).isNotNull();
        try {
            rig.bus().replace(Rig.address(slot), driver, Rig.soon());
        } finally {
            rig.context().ungetService(driver);
        }
    }
}
