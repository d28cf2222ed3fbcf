package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.device.dto.DriverDTO;
import org.busbar.pci.BindException;
import org.busbar.pci.PciAddress;
import org.busbar.pci.PciBus;
import org.busbar.pci.PciDriver;
import org.busbar.shell.internal.Deployments;
import org.busbar.shell.internal.Failure;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * Replaces a driver by a newer one that starts beside it, and takes its devices over one by one. If it does not, nothing is
 * changed: devices that it has taken go back.
 */
final class DriverSwap {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BundleContext context;
    private final PciBus bus;
    private final HotFolder folder;
    private final @Nullable PlacedJars placed;

    DriverSwap(BundleContext context, PciBus bus, HotFolder folder, @Nullable PlacedJars placed) {
        this.context = context;
        this.bus = bus;
        this.folder = folder;
        this.placed = placed;
    }

    String run(DriverJar jar, InstalledDriver old) throws InterruptedException {
        if (old.bundle().getState() != Bundle.ACTIVE) {
            throw new Failure(old + " does not run, so there is nothing to take over; use driver:update");
        }
        if (jar.version().equals(old.bundle().getVersion())) {
            throw new Failure("two bundles of one name and version cannot be there at the same time: give the new one"
                    + " another Bundle-Version than " + jar.version() + ", or use driver:update");
        }
        Optional<Path> oldFile = folder.fileOf(old.bundle());
        Optional<Path> newFile = oldFile.map(file -> folder.beside(file, jar));
        String before = old.toString();
        Bundle successor = install(jar, newFile);
        boolean done = false;
        try {
            Collection<ServiceReference<PciDriver>> drivers = start(successor);
            int classes = Linking.link(successor);
            drivers.forEach(this::activate);
            Pauses pauses = Pauses.begin(context, bus, jar.symbolicName());
            move(old, drivers);
            done = true;
            drivers.forEach(context::ungetService);
            remove(old.bundle());
            String left = file(jar, oldFile, newFile);
            return pauses.report(before + " -> " + jar.version() + ", " + classes + " classes linked ahead" + left);
        } finally {
            if (!done) {
                remove(successor);
            }
        }
    }

    private Bundle install(DriverJar jar, Optional<Path> file) {
        try (InputStream content = Files.newInputStream(jar.file())) {
            String location = file.map(Locations::of).orElseGet(() -> free(Locations.of(jar.file())));
            Bundle there = context.getBundle(location);
            if (there != null) {
                throw new Failure("the place " + location + " is still that of " + there.getSymbolicName() + " "
                        + there.getVersion()
                        + "; wait until pci:drivers does not show it any more, or rename the new jar");
            }
            return context.installBundle(location, content);
        } catch (IOException | BundleException e) {
            throw new Failure(jar.file() + " cannot be installed: " + e.getMessage(), e);
        }
    }

    private String free(String location) {
        String free = location;
        for (int i = 2; context.getBundle(free) != null; i++) {
            free = location + "?" + i;
        }
        return free;
    }

    private Collection<ServiceReference<PciDriver>> start(Bundle successor) throws InterruptedException {
        try (BundleWait wait = new BundleWait(context)) {
            successor.start();
            InstalledDriver started = new InstalledDriver(context, successor);
            if (!wait.until(() -> started.isKnownTo(bus), Deadline.after(Duration.ofSeconds(10)))) {
                throw new Failure(started + " has registered no PciDriver; nothing is changed, the log may say why");
            }
            return started.services();
        } catch (BundleException e) {
            String why = successor.getState() == Bundle.INSTALLED
                    ? Deployments.unresolved(context, successor)
                    : String.valueOf(e.getMessage());
            throw new Failure(successor.getSymbolicName() + " " + successor.getVersion()
                    + " does not start, nothing is changed: " + why, e);
        }
    }

    /** A component is activated by the first who gets it, and as long as somebody has it: not by a probe, then. */
    private void activate(ServiceReference<PciDriver> driver) {
        if (context.getService(driver) == null) {
            throw new Failure(
                    "the new driver cannot be activated, nothing is changed; the log has what its constructor or"
                            + " activate method threw");
        }
    }

    /** Has the new drivers take the devices of the old ones. */
    private void move(InstalledDriver old, Collection<ServiceReference<PciDriver>> successors)
            throws InterruptedException {
        List<Transfer> transfers = new ArrayList<>();
        for (DriverDTO driver : List.copyOf(bus.snapshot().drivers)) {
            Optional<ServiceReference<PciDriver>> own = byId(old.services(), driver.serviceId);
            if (own.isPresent() && !driver.devices.isEmpty()) {
                ServiceReference<PciDriver> successor = successor(driver.name, successors);
                driver.devices
                        .forEach(device -> transfers.add(new Transfer(PciAddress.parse(device), own.get(), successor)));
            }
        }
        List<Transfer> done = new ArrayList<>();
        for (Transfer transfer : transfers) {
            try {
                bus.replace(transfer.device(), transfer.to(), Deadline.after(PATIENCE));
            } catch (BindException | DeviceTimeoutException | IllegalArgumentException e) {
                if (bus.device(transfer.device()).isEmpty()) {
                    continue; // it was taken out meanwhile
                }
                done.forEach(this::giveBack);
                throw new Failure("the new driver does not take " + transfer.device()
                        + ", the old one keeps everything: " + e.getMessage(), e);
            }
            done.add(transfer);
        }
    }

    /** A device that changes drivers. */
    private record Transfer(
            PciAddress device, ServiceReference<PciDriver> from, ServiceReference<PciDriver> to) {}

    private static Optional<ServiceReference<PciDriver>> byId(Collection<ServiceReference<PciDriver>> services,
            long id) {
        return services.stream()
                .filter(service -> Long.valueOf(id).equals(service.getProperty(Constants.SERVICE_ID)))
                .findFirst();
    }

    private ServiceReference<PciDriver> successor(String name, Collection<ServiceReference<PciDriver>> successors) {
        return bus.snapshot().drivers
                .stream()
                .filter(driver -> driver.name.equals(name))
                .flatMap(driver -> byId(successors, driver.serviceId).stream())
                .findFirst()
                .orElseThrow(() -> new Failure("the new bundle has no driver of the name " + name
                        + "; nothing is changed. Use driver:update, or copy it into drivers/"));
    }

    private void giveBack(Transfer transfer) {
        try {
            bus.replace(transfer.device(), transfer.from(), Deadline.after(PATIENCE));
        } catch (BindException | DeviceTimeoutException | IllegalArgumentException e) {
            // It gets it back as always when the new driver's bundle goes, which is next.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            throw new Failure(bundle + " cannot be uninstalled: " + e.getMessage(), e);
        }
    }

    /** The jar takes the place of the old one where jars are installed by themselves. */
    private String file(DriverJar jar, Optional<Path> oldFile, Optional<Path> newFile) {
        if (oldFile.isEmpty() || newFile.isEmpty()) {
            return "";
        }
        try {
            PlacedJars watcher = placed;
            if (watcher != null) {
                watcher.expect(newFile.get());
            }
            HotFolder.put(jar.file(), newFile.get());
            if (watcher != null) {
                watcher.placed(newFile.get());
            }
            Files.deleteIfExists(oldFile.get());
            return "; its jar is " + newFile.get();
        } catch (IOException e) {
            if (placed != null) {
                placed.forget(newFile.get());
            }
            return "; but its jar could not be put in the place of " + oldFile.get() + " (" + e.getMessage()
                    + "): do that before the next start";
        }
    }
}
