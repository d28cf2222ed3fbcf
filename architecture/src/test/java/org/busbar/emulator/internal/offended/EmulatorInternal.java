package org.busbar.emulator.internal.offended;

/** A class that only its own bundle may use. */
public interface EmulatorInternal {}
