package org.busbar.pci.internal.bus;

import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** A framework for its service registry: everything is registered in the name of the system bundle. */
final class TestFramework {

    private final Framework framework;

    TestFramework(Path storage) throws BundleException {
        framework = ServiceLoader.load(FrameworkFactory.class)
                .findFirst()
                .orElseThrow()
                .newFramework(Map.of("org.osgi.framework.storage", storage.toString(), "felix.log.level", "1"));
        framework.start();
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    void close() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }
}
