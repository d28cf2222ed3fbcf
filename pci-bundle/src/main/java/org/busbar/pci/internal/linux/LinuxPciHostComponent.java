package org.busbar.pci.internal.linux;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.busbar.pci.internal.vfio.VfioOpener;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** The machine's own PCI bus as a service: puts the parts together and follows the configuration. */
@Component(service = PciHost.class, configurationPid = "org.busbar.pci.linux")
@Designate(ocd = LinuxHostConfig.class)
public final class LinuxPciHostComponent implements PciHost {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Duration KERNEL_PATIENCE = Duration.ofSeconds(10);

    private final HostSettings.Lookup property;
    private final LinuxPciHost host;
    /** Whether a configuration is in force, which a malformed one does not replace. */
    private boolean configured;

    /** Starts. Configuration comes as a map, since a malformed value must not take the rest of it away, nor the host. */
    @Activate
    public LinuxPciHostComponent(BundleContext context, Map<String, Object> configuration) {
        this(context::getProperty, configuration, settings -> host(context, settings));
    }

    /** @param making makes the host of the first settings */
    LinuxPciHostComponent(HostSettings.Lookup property, Map<String, Object> configuration,
            Function<HostSettings, LinuxPciHost> making) {
        this.property = property;
        host = making.apply(HostSettings.read(configuration, property, System::getenv).settings());
        // Also gives back what an earlier run of Busbar, which crashed, had claimed.
        modified(configuration);
    }

    private static LinuxPciHost host(BundleContext context, HostSettings settings) {
        Sysfs sysfs = new Sysfs(settings.root());
        KernelBinding kernel = new KernelBinding(sysfs, new DeadlineAttributes(KERNEL_PATIENCE));
        boolean live = settings.enabled() && sysfs.isLive();
        return new LinuxPciHost(sysfs, settings, live, new Claims(sysfs, kernel, ledger(context)), new VfioOpener());
    }

    private static ClaimLedger ledger(BundleContext context) {
        Path file = ledgerFile(context);
        return file == null
                ? ClaimLedger.nowhere()
                : ClaimLedger.open(file, Sysfs.text(BOOT_ID).orElse("unknown"));
    }

    private static @Nullable Path ledgerFile(BundleContext context) {
        String home = context.getProperty("busbar.home");
        if (home != null) {
            return Path.of(home, "claims"); // the framework's storage is emptied at every start
        }
        File file = context.getDataFile("claims");
        return file == null ? null : file.toPath();
    }

    /**
     * Follows the configuration. Of the first one, which has none before it, all counts that is not malformed: usually it
     * comes only after the start, and devices that it claims are not to be lost because a number in it is none.
     */
    @Modified
    void modified(Map<String, Object> configuration) {
        HostSettings.Reading reading = HostSettings.read(configuration, property, System::getenv);
        boolean faultless = reading.problems().isEmpty();
        if (faultless || !configured) {
            host.apply(reading.settings());
        }
        if (!faultless) {
            host.reject(String.join("; ", reading.problems()),
                    configured ? "the previous one stays in force" : "defaults stand in for what is malformed");
        }
        configured = configuration.containsKey(Constants.SERVICE_PID);
    }

    @Deactivate
    void deactivate() {
        host.stop();
    }

    @Override
    public String name() {
        return host.name();
    }

    @Override
    public HostSnapshot scan(@Nullable HostSnapshot previous) throws IOException {
        return host.scan(previous);
    }

    @Override
    public HostSnapshot look(HostSnapshot previous, PciAddress address) throws IOException {
        return host.look(previous, address);
    }

    @Override
    public HostWatch watch(HostListener listener) {
        return host.watch(listener);
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        return host.open(function, notices);
    }
}
