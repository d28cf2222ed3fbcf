package org.busbar.shell.internal.driver;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import org.busbar.device.Deadline;
import org.busbar.device.DeviceTimeoutException;
import org.busbar.pci.PciBus;
import org.busbar.shell.internal.Deployments;
import org.busbar.shell.internal.Failure;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** Replaces a driver's bundle by a newer one in place. If that does not start, the old one is brought back. */
final class DriverUpdate {

    /** More than the core gives a driver to give its devices up and its successor to probe them. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final BundleContext context;
    private final PciBus bus;
    private final HotFolder folder;

    DriverUpdate(BundleContext context, PciBus bus, HotFolder folder) {
        this.context = context;
        this.bus = bus;
        this.folder = folder;
    }

    String run(DriverJar jar, InstalledDriver installed) throws InterruptedException, IOException {
        Bundle bundle = installed.bundle();
        String before = installed.toString();
        boolean ran = runs(bundle);
        Pauses pauses = Pauses.begin(context, bus, jar.symbolicName());
        Path saved = Files.createTempFile("busbar-driver-", ".jar");
        try (BundleWait wait = new BundleWait(context)) {
            Optional<Path> file = folder.fileOf(bundle);
            if (file.isPresent() && Files.exists(file.get())) {
                Files.copy(file.get(), saved, StandardCopyOption.REPLACE_EXISTING);
                replaceFile(jar, bundle, ran, file.get(), saved, wait);
            } else {
                BundleContent.save(bundle, saved);
                replaceContent(jar, bundle, ran, saved);
            }
            if (!ran) {
                return before + " -> " + bundle.getVersion() + "; it was not running, and does not run now";
            }
            settle(wait, installed);
        } finally {
            Files.deleteIfExists(saved);
        }
        return pauses.report(before + " -> " + bundle.getVersion());
    }

    /** Whoever watches the folder updates the bundle. */
    private void replaceFile(DriverJar jar, Bundle bundle, boolean ran, Path file, Path saved, BundleWait wait)
            throws IOException, InterruptedException {
        long last = bundle.getLastModified();
        HotFolder.put(jar.file(), file);
        boolean decided = wait.until(
                () -> bundle.getLastModified() != last && (!ran || runs(bundle) || lacks(bundle)),
                Deadline.after(PATIENCE));
        if (decided && (ran ? runs(bundle) : !lacks(bundle))) {
            return;
        }
        String why = bundle.getLastModified() == last
                ? "nobody has noticed that " + file + " has changed"
                : bundle.getState() == Bundle.INSTALLED
                        ? Deployments.unresolved(context, bundle)
                        : "its start has failed; the log says why";
        long failed = bundle.getLastModified();
        HotFolder.put(saved, file);
        boolean back = wait.until(
                () -> (bundle.getLastModified() != failed || failed == last) && (!ran || runs(bundle)),
                Deadline.after(PATIENCE));
        throw notUpdated(jar, why, back);
    }

    private void replaceContent(DriverJar jar, Bundle bundle, boolean ran, Path saved) throws IOException {
        try {
            replace(bundle, ran, jar.file());
        } catch (BundleException e) {
            String why = bundle.getState() == Bundle.INSTALLED
                    ? Deployments.unresolved(context, bundle)
                    : String.valueOf(e.getMessage());
            boolean back = false;
            try {
                replace(bundle, ran, saved);
                back = true;
            } catch (BundleException again) {
                e.addSuppressed(again);
            }
            Failure failure = notUpdated(jar, why, back);
            failure.initCause(e);
            throw failure;
        }
    }

    private static void replace(Bundle bundle, boolean run, Path content) throws BundleException, IOException {
        try (InputStream in = Files.newInputStream(content)) {
            bundle.update(in);
        }
        if (run) {
            bundle.start();
        }
    }

    private boolean lacks(Bundle bundle) {
        return bundle.getState() == Bundle.INSTALLED && !Deployments.missing(context, bundle).isEmpty();
    }

    private static boolean runs(Bundle bundle) {
        return bundle.getState() == Bundle.ACTIVE;
    }

    private static Failure notUpdated(DriverJar jar, String why, boolean back) {
        return new Failure(jar + " cannot be used: " + why + ". "
                + (back
                        ? "The driver before it is back"
                        : "The driver before it could not be brought back: install it anew"));
    }

    /** Waits until its drivers are there and have what they get. */
    private void settle(BundleWait wait, InstalledDriver installed) throws InterruptedException {
        boolean _ = wait.until(() -> installed.isKnownTo(bus), Deadline.after(PATIENCE));
        try {
            bus.settle(Deadline.after(PATIENCE));
        } catch (DeviceTimeoutException e) {
            throw new Failure(installed + " runs; but " + e.getMessage(), e);
        }
    }
}
