package org.busbar.shell.internal.driver;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.apache.felix.fileinstall.ArtifactListener;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps the watcher of drivers/ from installing, or updating, a driver once more whose bundle was there before its jar. What is
 * done to such a jar later is done to its bundle. After a restart the watcher knows the bundle by its location, and does without
 * this.
 */
@Component(service = {PlacedJars.class, ArtifactInstaller.class, ArtifactListener.class})
public final class PlacedJarInstaller implements PlacedJars, ArtifactInstaller {

    private static final FileTime BEING_WRITTEN = FileTime.fromMillis(0);

    private final BundleContext context;
    /** By file, when its content was written that its bundle has; the epoch while it is being written. */
    private final Map<Path, FileTime> files = new ConcurrentHashMap<>();

    @Activate
    public PlacedJarInstaller(BundleContext context) {
        this.context = context;
    }

    @Override
    public void expect(Path file) {
        files.put(file, BEING_WRITTEN);
    }

    @Override
    public void forget(Path file) {
        files.remove(file);
    }

    @Override
    public void placed(Path file) throws IOException {
        files.put(file, Files.getLastModifiedTime(file));
    }

    @Override
    public boolean canHandle(File artifact) {
        return files.containsKey(key(artifact));
    }

    @Override
    public void install(File artifact) throws BundleException, IOException {
        FileTime written = files.get(key(artifact));
        if (written != null && !written.equals(BEING_WRITTEN)
                && !written.equals(Files.getLastModifiedTime(artifact.toPath()))) {
            update(artifact); // it was replaced before the watcher saw it for the first time
        }
    }

    private static Path key(File artifact) {
        return artifact.toPath().toAbsolutePath().normalize();
    }

    @Override
    public void update(File artifact) throws BundleException, IOException {
        Bundle bundle = bundle(artifact);
        if (bundle == null) {
            context.installBundle(Locations.of(artifact.toPath()), null).start();
            return;
        }
        try (InputStream content = Files.newInputStream(artifact.toPath())) {
            bundle.update(content);
        }
        bundle.start();
    }

    @Override
    public void uninstall(File artifact) throws BundleException {
        files.remove(key(artifact));
        Bundle bundle = bundle(artifact);
        if (bundle != null) {
            bundle.uninstall();
        }
    }

    private Bundle bundle(File artifact) {
        return context.getBundle(Locations.of(artifact.toPath()));
    }
}
