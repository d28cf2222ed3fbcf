package org.busbar.itest.felix.driver;

import java.util.Dictionary;
import java.util.Hashtable;
import org.busbar.pci.PciDriver;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/** Registers the driver that the bundle's manifest names. */
public final class TestActivator implements BundleActivator {

    /** Manifest header: class of the driver. */
    public static final String DRIVER = "Test-Driver";

    /** Manifest header: what it matches, as in {@code pci.match.ids}. */
    public static final String IDS = "Test-Ids";

    /** Manifest header: service ranking. */
    public static final String RANKING = "Test-Ranking";

    /** Manifest header: name of the driver and of its ledger. */
    public static final String NAME = "Test-Name";

    @Override
    public void start(BundleContext context) throws Exception {
        Dictionary<String, String> headers = context.getBundle().getHeaders("");
        Class<?> type = context.getBundle().loadClass(headers.get(DRIVER));
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(PciDriver.NAME, headers.get(NAME));
        properties.put("pci.match.ids", headers.get(IDS).split(" "));
        properties.put(Constants.SERVICE_RANKING, Integer.valueOf(headers.get(RANKING)));
        PciDriver driver = (PciDriver) type.getConstructor().newInstance();
        context.registerService(PciDriver.class, driver, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters the service.
    }
}
