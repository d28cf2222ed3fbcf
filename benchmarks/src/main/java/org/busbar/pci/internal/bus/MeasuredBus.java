package org.busbar.pci.internal.bus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.ServiceLoader;
import org.busbar.core.internal.CoreComponent;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.PciBus;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.NullMarked;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * The PCI bus on the driver core in a Felix framework, in this package because hosts are added by SCR otherwise. The
 * components are real, the service registry is Felix's; only SCR is not there.
 */
@NullMarked
public final class MeasuredBus implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final Framework framework;
    private final PciBusComponent bus;

    private MeasuredBus(Framework framework) {
        this.framework = framework;
        CoreComponent core = new CoreComponent(framework.getBundleContext(), Map.of());
        bus = new PciBusComponent(core, framework.getBundleContext());
    }

    /**
     * Starts a framework and a bus without hosts.
     *
     * @param storage a directory for the framework
     */
    public static MeasuredBus start(Path storage) throws BundleException {
        Framework framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of("org.osgi.framework.storage", storage.toString(), "felix.log.level", "1"));
        framework.start();
        return new MeasuredBus(framework);
    }

    /** Returns where drivers are registered. */
    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** Returns the bus. */
    public PciBus bus() {
        return bus;
    }

    /** Adds a host, and waits until all its devices are known to the core and registered as services. */
    public void bringUp(PciHost host) throws DeviceTimeoutException, InterruptedException {
        bus.addHost(host);
        bus.settle(Deadline.after(PATIENCE));
    }

    @Override
    public void close() throws BundleException {
        bus.close();
        framework.stop();
        try {
            framework.waitForStop(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
