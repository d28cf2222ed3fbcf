package org.busbar.pci.internal.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.busbar.pci.PciAddress;
import org.busbar.pci.host.FunctionHandle;
import org.busbar.pci.host.FunctionNotices;
import org.busbar.pci.host.HostFunction;
import org.busbar.pci.host.HostListener;
import org.busbar.pci.host.HostSnapshot;
import org.busbar.pci.host.HostWatch;
import org.busbar.pci.host.OpenException;
import org.busbar.pci.host.PciHost;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * The Linux host on a made-up tree, in this package because what it is put together from is not public. All of it is
 * real, rules and claims included, but for two things that a tree cannot have: uevents, which {@link #hint} stands in for,
 * and VFIO, for which the given opener does.
 */
@NullMarked
public final class MeasuredHost implements PciHost {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration NEVER = Duration.ofDays(1);

    private final LinuxPciHost host;
    private final AtomicReference<@Nullable HostListener> listener = new AtomicReference<>();

    /**
     * @param root the root of the tree
     * @param work a directory for what the host writes down
     */
    public MeasuredHost(Path root, Path work, FunctionOpener opener) {
        Sysfs sysfs = new Sysfs(root);
        KernelBinding kernel = new KernelBinding(sysfs, new DeadlineAttributes(PATIENCE));
        HostSettings settings = new HostSettings(true, root, NEVER, ClaimRules.parse(List.of(), true));
        Claims claims = new Claims(sysfs, kernel, ClaimLedger.open(work.resolve("claims"), "no boot"));
        host = new LinuxPciHost(sysfs, settings, true, claims, opener);
        host.apply(settings);
    }

    /** Says what a uevent would say: something has happened at this address. */
    public void hint(PciAddress address) {
        listener().changed(address);
    }

    /** Says what an overflow of uevents, or a poll, would say: something may have happened. */
    public void hint() {
        listener().changed();
    }

    private HostListener listener() {
        HostListener watching = listener.get();
        if (watching == null) {
            throw new IllegalStateException("the host is not watched yet");
        }
        return watching;
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
    public HostWatch watch(HostListener watching) {
        listener.set(watching);
        return host.watch(watching);
    }

    @Override
    public FunctionHandle open(HostFunction function, FunctionNotices notices) throws OpenException {
        return host.open(function, notices);
    }
}
