package org.busbar.driver.offender;

import org.busbar.emulator.internal.offended.EmulatorInternal;

/** A driver that goes behind the API of another bundle. */
public interface UsesEmulatorInternals {

    EmulatorInternal internals();
}
