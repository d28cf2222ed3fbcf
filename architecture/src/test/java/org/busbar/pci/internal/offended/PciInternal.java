package org.busbar.pci.internal.offended;

/** A class that only its own bundle may use. */
public interface PciInternal {}
