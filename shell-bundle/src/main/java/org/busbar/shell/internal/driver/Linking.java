package org.busbar.shell.internal.driver;

import java.util.Collection;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads and links the classes of a bundle ahead of time, without initialising them, so that this is not done while devices are
 * without a driver.
 */
final class Linking {

    private static final Logger LOG = LoggerFactory.getLogger(Linking.class);
    private static final String CLASS = ".class";

    private Linking() {}

    /** Returns how many classes are linked. */
    static int link(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        Collection<String> files =
                wiring.listResources("/", "*" + CLASS,
                        BundleWiring.LISTRESOURCES_RECURSE | BundleWiring.LISTRESOURCES_LOCAL);
        int linked = 0;
        for (String file : files) {
            String name = file.substring(0, file.length() - CLASS.length()).replace('/', '.');
            try {
                // Asking for its methods links a class, and does not run any of its code.
                var _ = wiring.getClassLoader().loadClass(name).getDeclaredMethods();
                linked++;
            } catch (ClassNotFoundException | LinkageError e) {
                LOG.debug("{} of {} is left for later", name, bundle, e); // of something optional that is not here
            }
        }
        return linked;
    }
}
