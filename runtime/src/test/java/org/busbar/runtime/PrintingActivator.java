package org.busbar.runtime;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Of a bundle that prints where it should log. Runs in the framework under test. */
public final class PrintingActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        System.out.println("printed at start");
    }

    @Override
    public void stop(BundleContext context) {
        System.out.println("printed at stop");
    }
}
