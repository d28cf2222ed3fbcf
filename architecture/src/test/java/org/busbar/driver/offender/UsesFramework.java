package org.busbar.driver.offender;

import org.osgi.framework.BundleContext;

/** A driver that goes behind its component. */
public interface UsesFramework {

    BundleContext bundles();
}
