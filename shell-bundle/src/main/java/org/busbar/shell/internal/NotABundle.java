package org.busbar.shell.internal;

import java.io.File;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.apache.felix.fileinstall.ArtifactListener;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says once of each jar in a watched folder that is no bundle that it is none; otherwise nobody would. */
@Component(service = {ArtifactInstaller.class, ArtifactListener.class})
public final class NotABundle implements ArtifactInstaller {

    private static final Logger LOG = LoggerFactory.getLogger(NotABundle.class);

    @Override
    public boolean canHandle(File artifact) {
        return artifact.getName().endsWith(".jar")
                && Deployments.notABundle(artifact.toPath()).isPresent();
    }

    @Override
    public void install(File artifact) {
        Deployments.notABundle(artifact.toPath()).ifPresent(why -> LOG.error("{} {}", artifact, why));
    }

    @Override
    public void update(File artifact) {
        install(artifact);
    }

    @Override
    public void uninstall(File artifact) {
        LOG.info("{} is not there any more", artifact);
    }
}
