package org.busbar.pci.internal.linux;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
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

    @Activate
    public LinuxPciHostComponent(BundleContext context, LinuxHostConfig config) {
        property = context::getProperty;
        HostSettings settings;
        @Nullable
        String malformed = null;
        try {
            settings = HostSettings.read(config, property, System::getenv);
        } catch (IllegalArgumentException e) {
            settings = HostSettings.harmless(property, System::getenv);
            malformed = String.valueOf(e.getMessage());
        }
        Sysfs sysfs = new Sysfs(settings.root());
        KernelBinding kernel = new KernelBinding(sysfs, new DeadlineAttributes(KERNEL_PATIENCE));
        ClaimLedger ledger = ledger(context);
        boolean live = settings.enabled() && sysfs.isLive();
        host = new LinuxPciHost(sysfs, settings, live, new Claims(sysfs, kernel, ledger),
                new VfioOpener());
        // Also gives back what an earlier run of Busbar, which crashed, had claimed.
        host.apply(settings);
        if (malformed != null) {
            host.reject(malformed);
        }
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

    @Modified
    void modified(LinuxHostConfig config) {
        try {
            host.apply(HostSettings.read(config, property, System::getenv));
        } catch (IllegalArgumentException e) {
            host.reject(String.valueOf(e.getMessage()));
        }
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
