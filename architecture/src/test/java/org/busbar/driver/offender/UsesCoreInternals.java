package org.busbar.driver.offender;

import org.busbar.core.offender.UsesPci;

/** A driver that goes behind the API of core. */
public interface UsesCoreInternals {

    UsesPci internals();
}
